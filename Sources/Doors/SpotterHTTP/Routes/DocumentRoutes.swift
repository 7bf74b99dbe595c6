import HTTPServerKit
import SpotterDomain
import Synchronization

/// The API's description of itself: the document, the page to read it, and what each problem means.
enum DocumentRoutes {
    /// The routes, and the document that describes `routes` and them.
    static func routes(describing routes: [Route], version: String) -> (routes: [Route], document: LazyDocument) {
        let own = [problem(), page(), document { Reply.json([]) }]
        let document = LazyDocument(OpenAPIDocument(routes: routes + own, version: version))
        return ([problem(), page(), self.document { document.reply }], document)
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

/// The document, made when somebody asks for it: it is long, and a process or a test may never do so.
final class LazyDocument: Sendable {
    private let source: OpenAPIDocument
    private let made = Mutex<(json: JSONValue, reply: Reply)?>(nil)

    init(_ source: OpenAPIDocument) { self.source = source }

    /// The document.
    var json: JSONValue { once.json }
    /// The document as it is answered.
    var reply: Reply { once.reply }

    private var once: (json: JSONValue, reply: Reply) {
        made.withLock { made in
            if let made { return made }
            let json = source.json
            let result = (json: json, reply: Reply.json(json.bytes).with("access-control-allow-origin", "*"))
            made = result
            return result
        }
    }
}
