import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/unsubscribe`: the link at the end of marketing mail, and what mail programs press for people (RFC 8058).
///
/// The link stands in the query, which no log holds. Opening it changes nothing, because programs open links in mail
/// before people do; its button does, and so does the POST of a mail program.
enum UnsubscribeRoutes {
    static func routes(_ services: Services) -> [Route] { [show(services), unsubscribe(services)] }

    static let tag = "Unsubscribing"
    private static let path = "/v1/unsubscribe"

    private static let query: [Route.QueryParameter] = [
        .init(name: "link", schema: JSONSchema(.string, description: "What the link says."))
    ]
    private static let unknown = Route.Answer(
        status: 404, description: "The link is not good, whatever the reason.", contentType: "text/html", schema: nil,
        example: nil)

    private static func show(_ services: Services) -> Route {
        Route(
            .get, path, "showUnsubscribeLink", "The page that asks whether to send no more; it changes nothing",
            tag: tag, permission: nil, query: query,
            answers: [.text("text/html", "A page with one button."), unknown]
        ) { context in
            try await answer(context, services) { link, contact, sender in
                UnsubscribePage.question(
                    sender: sender, email: contact.email ?? "", link: context.query["link"] ?? "",
                    isDone: try await hasUnsubscribed(link, services))
            }
        }
    }

    private static func unsubscribe(_ services: Services) -> Route {
        Route(
            .post, path, "unsubscribe", "Want no more marketing by e-mail", tag: tag, permission: nil, query: query,
            answers: [
                .text(
                    "text/html", "It is noted. Whatever the body says: mail programs send `List-Unsubscribe=One-Click`."
                ),
                unknown,
            ]
        ) { context in
            try await answer(context, services) { link, contact, sender in
                if try await !hasUnsubscribed(link, services) {
                    // The link says who asks; the request has no token.
                    AuditSlip.current?.note(AuditActor(.link), on: contact.person.id)
                    try await services.messages.contacts.record(
                        [
                            Consent(
                                id: services.ids.id(at: context.now), clientId: link.clientId, leadId: link.leadId,
                                channel: .email, purpose: .marketing, isGranted: false, source: .unsubscribeLink,
                                recordedAt: context.now)
                        ], in: OrganizationScope(link.organization))
                }
                return UnsubscribePage.done(sender: sender)
            }
        }
    }

    private static func hasUnsubscribed(_ link: UnsubscribeLink, _ services: Services) async throws -> Bool {
        guard let person = link.person else { return false }
        let said = try await services.messages.contacts.consents(
            of: person, in: OrganizationScope(link.organization))
        return said.contains { $0.channel == .email && $0.purpose == .marketing && !$0.isGranted }
    }

    /// The page for a link that is good and whose person is still known; for every other one the same.
    private static func answer(
        _ context: RequestContext, _ services: Services,
        _ page: (UnsubscribeLink, Contact, String) async throws -> String
    ) async throws -> Reply {
        do {
            let link = try services.unsubscribeLinks.unsubscribeLink(of: context.query["link"] ?? "")
            let scope = OrganizationScope(link.organization)
            guard let person = link.person,
                let contact = try await services.messages.contacts.contact(person, in: scope)
            else { throw SpotterError.notFound("link") }
            let sender = try await services.organizations.organization(in: scope).name
            return .linkPage(try await page(link, contact, sender), status: 200)
        } catch let error as SpotterError where error.code == .notFound {
            return .linkPage(UnsubscribePage.unknown, status: 404)
        }
    }
}
