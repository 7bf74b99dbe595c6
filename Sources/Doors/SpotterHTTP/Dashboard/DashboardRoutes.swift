import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/dashboard/session`: being signed in to the dashboard.
enum DashboardRoutes {
    static func routes(_ services: Services) -> [Route] { [signIn(services), show(services), signOut(services)] }

    static let tag = "Dashboard"
    private static let path = "/v1/dashboard/session"

    /// What somebody signs in with.
    struct SignInRequest: Codable, Sendable, FieldsDescribed {
        let token: String?
        let link: String?

        static let fields: [String: Field] = [
            "token": Field("A token of the organisation.", length: 1...8_192),
            "link": Field("What stands behind `#/sign-in/` in a link; it can be used once.", length: 1...4_096),
        ]
    }

    /// Who is signed in, where, and what they may do.
    struct SessionResource: Codable, Sendable {
        let organization: Organization
        let subject: String
        let role: Role
        let permissions: [Permission]
        let tokenId: TokenID
        let version: String

        struct Organization: Codable, Sendable {
            let id: OrganizationID
            let slug: String
            let name: String
            let timezone: String
            let currency: String
            let plan: SpotterDomain.Organization.Plan
        }
    }

    private static func signIn(_ services: Services) -> Route {
        Route(
            .post, path, "signIn", "Sign in to the dashboard", tag: tag, permission: nil,
            body: .json(SignInRequest.self, example: ["token": "spotter_live_…"]),
            answers: [
                .json(
                    200,
                    "A cookie holds the session from now on, for twelve hours at most. It ends with the token, and can be "
                        + "revoked like one: it is listed as `Dashboard`. Of one token's sessions the ten newest live.",
                    SessionResource.self)
            ]
        ) { context in
            try SessionCookie.check(context.request)
            let wanted = try context.body(SignInRequest.self)
            let begun =
                switch (wanted.token, wanted.link) {
                case (let token?, nil): try await services.sessionsOfDashboard.begin(withToken: token, at: context.now)
                case (nil, let link?): try await services.sessionsOfDashboard.begin(withLink: link, at: context.now)
                default: throw SpotterError.invalid("/token", "or /link must be given, and not both")
                }
            // The browser forgets the session that it had, so nobody could end it any more.
            if let old = services.authenticator.session(in: context.request) {
                try await services.sessionsOfDashboard.end(old, at: context.now)
            }
            let caller = try await services.authenticator.caller(session: begun.text, at: context.now)
            let seconds = Int(begun.session.expiresAt.timeIntervalSince(context.now))
            return try await reply(caller, services).with(
                "set-cookie", SessionCookie.setting(begun.text, for: seconds, answering: context.request))
        }
    }

    private static func show(_ services: Services) -> Route {
        Route(
            .get, path, "getDashboardSession", "Who am I, and what may I do?", tag: tag, permission: nil,
            answers: [.json(200, "The holder of the session, or of the token; 401 for nobody.", SessionResource.self)]
        ) { context in
            try await reply(services.authenticator.caller(of: context.request, at: context.now).0, services)
        }
    }

    private static func signOut(_ services: Services) -> Route {
        Route(
            .delete, path, "signOut", "Sign out of the dashboard", tag: tag, permission: nil,
            answers: [.empty(204, "The session has ended, everywhere within five seconds.")], isConditional: false
        ) { context in
            try context.refuseMatch("A session of the dashboard")
            if let text = services.authenticator.session(in: context.request) {
                try SessionCookie.check(context.request)
                try await services.sessionsOfDashboard.end(text, at: context.now)
            }
            return Reply.noContent.with(
                "set-cookie", SessionCookie.setting(nil, for: 0, answering: context.request))
        }
    }

    private static func reply(_ caller: Caller, _ services: Services) async throws -> Reply {
        let home = try await services.organizations.organization(in: caller.scope)
        return try .json(
            SessionResource(
                organization: .init(
                    id: home.id, slug: home.slug, name: home.name, timezone: home.timezone, currency: home.currency,
                    plan: home.plan),
                subject: caller.subject, role: caller.role,
                permissions: caller.permissions.sorted { $0.rawValue < $1.rawValue }, tokenId: caller.token,
                version: services.version))
    }
}
