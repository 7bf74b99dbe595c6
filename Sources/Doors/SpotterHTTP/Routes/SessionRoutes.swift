import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/sessions`: several agents for one subject.
enum SessionRoutes {
    static func routes(_ services: Services) -> [Route] { [create(services), get(services), end(services)] }

    /// The longest that a request waits for the opening's end, in milliseconds.
    private static let longestWait = 60_000

    /// What a session is asked for with.
    struct SessionRequest: Codable, Sendable, FieldsDescribed {
        let template: String
        let subject: String
        var data: JSONValue?
        var wait: Bool?

        static let fields = [
            "template": Field("The session's template, such as `start-session`.", length: 1...100),
            "subject": Field("Whom or what it is about.", length: 1...1_000),
            "data": Field("Whatever else its agents are told: an object."),
            "wait": Field("Whether the answer waits for the opening; true by default."),
        ]
    }

    /// A session as the API shows it.
    struct SessionResource: Codable, Sendable {
        let sessionId: AgentSessionID
        let status: AgentSession.Status
        let agents: [String: AgentID]
        let orchestration: PlanReport
        let template: String
        let subject: String
        let data: JSONValue
        let idleAt: Date
        let createdAt: Date
        let endedAt: Date?

        init(_ session: AgentSession, _ status: AgentSession.Status, _ report: PlanReport) {
            sessionId = session.id
            self.status = status
            agents = session.agents
            orchestration = report
            template = session.template
            subject = session.subject
            data = session.data
            idleAt = session.idleAt
            createdAt = session.createdAt
            endedAt = session.endedAt ?? (status == .ended ? session.idleAt : nil)
        }
    }

    private static func create(_ services: Services) -> Route {
        Route(
            .post, "/v1/sessions", "startSession", "Have several agents ready for one subject", tag: "Routing",
            permission: .executionsWrite, body: .json(SessionRequest.self, example: example),
            answers: [
                .json(
                    201,
                    "The session: `ready`, or `failed` where it could not be opened. 422 at `/template` where there is no "
                        + "such template, or an agent that it needs is missing.", SessionResource.self),
                .json(202, "It is `starting` still, or `wait` is false.", SessionResource.self),
            ], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(SessionRequest.self)
            if let data = wanted.data, data.object == nil { throw SpotterError.invalid("/data", "must be an object") }
            let templates = services.sessionTemplates()
            guard let template = templates.first(where: { $0.slug == wanted.template }) else {
                let hint = DidYouMean.hint(for: wanted.template, among: templates.map(\.slug))
                throw SpotterError.invalid("/template", "must be a session's template\(hint)").unprocessable
            }
            let session: AgentSession
            do {
                session = try await services.sessions.start(
                    template, subject: wanted.subject, data: wanted.data ?? [:],
                    origin: context.caller.map(ExecutionOrigin.init) ?? ExecutionOrigin(), at: context.now,
                    in: context.scope
                ) { context.receipt(for: $0) }
            } catch let exists as ReceiptExists {
                return try await replay(after: exists, wanted, template, services, context)
            }
            return try await answer(session, wanted, template, services, context)
        }
    }

    private static func answer(
        _ session: AgentSession, _ wanted: SessionRequest, _ template: SessionTemplate, _ services: Services,
        _ context: RequestContext
    ) async throws -> Reply {
        if wanted.wait ?? true {
            let time = min(template.document.timeoutMs.map { $0 + 1_000 } ?? longestWait, longestWait)
            try await ExecutionRoutes.waitForEnd(
                of: session.execution, .milliseconds(time), services, in: context.scope)
        }
        let shown = try await resource(session, services, in: context.scope)
        return try .json(shown, status: shown.status == .starting ? 202 : 201)
            .with("location", "/v1/sessions/\(session.id)")
    }

    /// The key was used before: what came of that session.
    private static func replay(
        after exists: ReceiptExists, _ wanted: SessionRequest, _ template: SessionTemplate, _ services: Services,
        _ context: RequestContext
    ) async throws -> Reply {
        let opening = try await context.begun(after: exists, services)
        guard let session = try await services.sessions.session(openedBy: opening, in: context.scope) else {
            throw exists
        }
        return try await answer(session, wanted, template, services, context).with("idempotency-replayed", "true")
    }

    private static func resource(
        _ session: AgentSession, _ services: Services, in scope: OrganizationScope
    ) async throws -> SessionResource {
        let journal = try await services.executions.journal(of: session.execution, in: scope)
        let status = session.status(opening: journal.execution.state, at: services.clock.now())
        return SessionResource(session, status, try await services.flows.report(on: journal, in: scope))
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/sessions/{agent_session_id}", "getSession", "Read one session", tag: "Routing",
            permission: .executionsRead, answers: [.json(200, "The session.", SessionResource.self)]
        ) { context in
            let session = try await services.sessions.session(
                context.id("agent_session_id", "session"), in: context.scope)
            return try .json(try await resource(session, services, in: context.scope))
        }
    }

    private static func end(_ services: Services) -> Route {
        Route(
            .delete, "/v1/sessions/{agent_session_id}", "endSession", "End a session", tag: "Routing",
            permission: .executionsWrite,
            answers: [.empty(204, "It has ended, and its opening if that still ran.")]
        ) { context in
            try context.refuseMatch("A session")
            try await services.sessions.end(
                context.id("agent_session_id", "session"), at: context.now, in: context.scope)
            return .noContent
        }
    }

    private static let example: JSONValue = [
        "template": "start-session", "subject": "Ana", "data": ["level": "beginner"], "wait": false,
    ]
}
