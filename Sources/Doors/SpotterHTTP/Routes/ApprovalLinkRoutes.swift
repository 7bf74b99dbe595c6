import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/approvals/{approval_id}/links` and `/v1/approval-link`: one vote as a link, for people without a token at hand.
///
/// The link stands in the query, which no log holds. Opening it decides nothing, because programs open links in mail
/// before people do; the page's buttons do.
enum ApprovalLinkRoutes {
    static func routes(_ services: Services) -> [Route] { [make(services), show(services), decide(services)] }

    static let tag = "Approval links"
    private static let path = "/v1/approval-link"

    private static func make(_ services: Services) -> Route {
        Route(
            .post, "/v1/approvals/{approval_id}/links", "createApprovalLink", "Make a link that decides once",
            tag: "Approvals", permission: .approvalsDecide,
            body: .json(LinkRequest.self, example: ["expires_in_seconds": 86_400]),
            answers: [
                .json(
                    201,
                    "The link, shown once. Whoever has it can cast your vote, once, on exactly what is asked about; it "
                        + "ends with its time, with the approval, and with your token. 422 for whoever is not asked.",
                    LinkResource.self)
            ]
        ) { context in
            guard let caller = context.caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            let wanted = try context.body(LinkRequest.self)
            let id: ApprovalID = try context.id("approval_id", "approval")
            let approval = try await services.approvals.approval(id, in: context.scope)
            let link = try ApprovalLink(
                id: services.ids.id(at: context.now), to: approval, by: caller,
                for: TimeInterval(wanted.expiresInSeconds ?? 86_400), at: context.now)
            let text = try services.links.text(for: link)
            return try .json(
                LinkResource(path: "\(path)?link=\(text)", expiresAt: link.expiresAt, approvalId: id), status: 201)
        }
    }

    private static let query: [Route.QueryParameter] = [
        .init(name: "link", schema: JSONSchema(.string, description: "What the link says."))
    ]

    private static func page(_ status: Int, _ description: String) -> Route.Answer {
        Route.Answer(status: status, description: description, contentType: "text/html", schema: nil, example: nil)
    }

    private static var unknown: Route.Answer { page(404, "The link is not good, whatever the reason.") }

    private static func show(_ services: Services) -> Route {
        Route(
            .get, path, "showApprovalLink", "The page that a link opens; it decides nothing", tag: tag,
            permission: nil, query: query,
            answers: [.text("text/html", "What is asked about, with two buttons."), unknown]
        ) { context in
            do {
                let (link, approval) = try await open(context, services)
                return .linkPage(
                    ApprovalPage.html(approval, link: link, text: context.query["link"] ?? ""), status: 200)
            } catch let error as SpotterError where error.code == .notFound {
                return .linkPage(ApprovalPage.unknown, status: 404)
            }
        }
    }

    private static func decide(_ services: Services) -> Route {
        Route(
            .post, path, "decideApprovalLink", "Decide by a link", tag: tag, permission: nil,
            query: query + [
                .init(
                    name: "decision",
                    schema: JSONSchema(.string, description: "What is decided.", values: ["approve", "reject"]))
            ],
            answers: [
                .text("text/html", "What came of it."), unknown,
                page(409, "It was used, or the approval is decided or expired."),
            ]
        ) { context in
            do {
                let (link, approval) = try await open(context, services)
                guard let decision = context.query["decision"], ["approve", "reject"].contains(decision) else {
                    throw SpotterError.invalid("/decision", "must be approve or reject")
                }
                // The link says who decides; the request has no token.
                AuditSlip.current?.note(
                    AuditActor(.link, id: link.maker.description, role: link.role), on: approval.id.description)
                let decided = try await services.control.decide(
                    approval.id, of: approval.execution, link.vote(decision == "approve"),
                    in: OrganizationScope(link.organization))
                return .linkPage(ApprovalPage.decided(decided), status: 200)
            } catch let error as SpotterError where error.code == .notFound {
                return .linkPage(ApprovalPage.unknown, status: 404)
            } catch let error as SpotterError where [.conflict, .unprocessable].contains(error.code) {
                return .linkPage(ApprovalPage.refused(error.message), status: 409)
            }
        }
    }

    /// The link, if its maker's token still holds, and what it is about.
    private static func open(
        _ context: RequestContext, _ services: Services
    ) async throws -> (ApprovalLink, Approval) {
        let link = try services.links.link(of: context.query["link"] ?? "")
        let scope = OrganizationScope(link.organization)
        let approval = try await services.approvals.approval(link.approval, in: scope)
        guard approval.argumentsHash == link.argumentsHash,
            try await services.authenticator.isGood(link.maker, at: context.now, in: scope)
        else { throw SpotterError.notFound("link") }
        return (link, approval)
    }
}

/// How a link is wanted.
struct LinkRequest: Codable, Sendable, FieldsDescribed {
    let expiresInSeconds: Int?

    static let fields: [String: Field] = [
        "expires_in_seconds": Field("How long it is good; a day if left out.", range: 60...604_800)
    ]
}

/// A link as it is shown, once.
struct LinkResource: Codable, Sendable {
    let path: String
    let expiresAt: Date
    let approvalId: ApprovalID
}
