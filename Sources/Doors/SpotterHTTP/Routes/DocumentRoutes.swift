import HTTPServerKit
import SpotterDomain

/// The API's description of itself: the document, the page to read it, and what each problem means.
enum DocumentRoutes {
    /// The routes, and the document that describes `routes` and them.
    static func routes(
        describing routes: [Route], version: String
    ) -> (routes: [Route], document: DocumentOnDemand) {
        let others = [problem(), page()]
        let described = routes + others + [document { Reply.json([]) }]
        let made = DocumentOnDemand { OpenAPIDocument(routes: described, version: version).json }
        return (others + [document { made.reply }], made)
    }

    /// What a code means and how to mend it.
    struct ProblemResource: Codable, Sendable {
        let code: String
        let status: Int
        let title: String
        let fix: String
    }

    private static func document(_ reply: @escaping @Sendable () -> Reply) -> Route {
        Route(
            .get, "/v1/openapi.json", "getOpenAPI", "This document", tag: "Documentation", permission: nil,
            answers: [.text("application/json", "OpenAPI 3.1.")]
        ) { _ in reply() }
    }

    private static func page() -> Route {
        Route(
            .get, "/v1/docs", "getDocs", "A page to read the API and try it", tag: "Documentation", permission: nil,
            answers: [.text("text/html", "The page.")]
        ) { _ in DocsPage.reply }
    }

    private static func problem() -> Route {
        Route(
            .get, "/v1/problems/{code}", "getProblem", "What a problem's `type` means, and how to mend it",
            tag: "Documentation", permission: nil, answers: [.json(200, "The explanation.", ProblemResource.self)]
        ) { context in
            guard let code = context.parameters["code"].flatMap(SpotterError.Code.init(rawValue:)) else {
                throw SpotterError(.notFound, "There is no such kind of problem.")
            }
            let kind = Problem.kind(of: code)
            return try .json(
                ProblemResource(code: code.rawValue, status: kind.status, title: kind.title, fix: kind.fix))
        }
    }
}
