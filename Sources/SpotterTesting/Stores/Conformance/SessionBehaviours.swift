import Foundation
public import SpotterDomain

extension StoreConformance {
    static let sessions: [StoreBehaviour] = [
        StoreBehaviour("a session comes back as it was written, with its opening in the queue") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let session = try await gym.session(about: "Ana \"x\"", receipt: gym.receipt("one"))
            try requireEqual(try await stores.sessions.session(session.id, in: gym.scope), session)
            try requireEqual(
                try await stores.sessions.session(openedBy: session.execution, in: gym.scope), session)
            let opening = try await stores.executions.execution(session.execution, in: gym.scope)
            try requireEqual(opening.state, .queued)
            try await requireThrows(ReceiptExists.self) {
                try await gym.session(about: "Ben", receipt: gym.receipt("one"))
            }
            let runs = try await stores.executions.list(ExecutionFilter(), PageRequest(), in: gym.scope).items
            try requireEqual(runs.count, 1)
        },
        StoreBehaviour("a session lasts as long as something is heard of it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let session = try await gym.session(about: "Ana")
            let start = session.createdAt
            try requireEqual(try await stores.sessions.hear(session.id, at: start + 1_000, in: gym.scope), true)
            let heard = try await stores.sessions.session(session.id, in: gym.scope)
            try requireEqual(heard.idleAt, start + 2_800)
            try requireEqual(heard.status(opening: .completed, at: start + 2_799), .ready)
            try requireEqual(heard.status(opening: .completed, at: start + 2_800), .ended)
            try requireEqual(try await stores.sessions.endIdle(limit: 9, at: start + 2_799, in: gym.scope), 0)
            try requireEqual(try await stores.sessions.hear(session.id, at: start + 2_800, in: gym.scope), false)
            try requireEqual(try await stores.sessions.endIdle(limit: 9, at: start + 9_000, in: gym.scope), 1)
            try requireEqual(try await stores.sessions.endIdle(limit: 9, at: start + 9_000, in: gym.scope), 0)
            let ended = try await stores.sessions.session(session.id, in: gym.scope)
            try requireEqual(ended.endedAt, start + 2_800)
        },
        StoreBehaviour("a session that was ended stays so, and only its own organisation ends it") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let session = try await mine.session(about: "Ana")
            let start = session.createdAt
            try await requireError(.notFound) {
                try await stores.sessions.end(session.id, at: start + 1, in: theirs.scope)
            }
            try await requireError(.notFound) { try await stores.sessions.session(session.id, in: theirs.scope) }
            try requireEqual(try await stores.sessions.hear(session.id, at: start + 1, in: theirs.scope), false)
            for time in [1.0, 2.0] { try await stores.sessions.end(session.id, at: start + time, in: mine.scope) }
            try requireEqual(try await stores.sessions.session(session.id, in: mine.scope).endedAt, start + 1)
            try requireEqual(try await stores.sessions.hear(session.id, at: start + 3, in: mine.scope), false)
        },
    ]
}

extension TestOrganization {
    /// A session of half an hour, whose opening nobody takes up for a day.
    @discardableResult
    public func session(about subject: String, receipt: Receipt? = nil) async throws -> AgentSession {
        let plan = PlanOrder(steps: [PlanStep(id: "one", tool: "search_clients", input: ["query": "x"])])
        let opening = Execution(
            id: id(), kind: .plan, state: .queued, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: try JSONValue(encoding: plan), wakeAt: Date() + 86_400, createdAt: Self.start)
        let session = AgentSession(
            id: id(), template: "pair", subject: subject, data: ["level": 2], agents: ["tutor": id()],
            execution: opening.id, idleMinutes: 30, createdAt: Self.start)
        try await stores.sessions.create(session, opening: opening, receipt: receipt, in: scope)
        return session
    }
}
