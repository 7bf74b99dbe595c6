import Foundation
import SpotterDomain

/// Sessions of agents in memory.
struct MemoryAgentSessionStore: AgentSessionStore {
    let database: MemoryDatabase

    func create(
        _ session: AgentSession, opening: Execution, receipt: Receipt?, in scope: OrganizationScope
    ) async throws {
        let clock = database.clock.now()
        try database.write(scope) { records in
            try records.insert(receipt)
            try records.insert(opening, worker: nil, at: clock)
            records.sessions[session.id] = session
            _ = records.append([opening.queuedEvent], at: session.createdAt)
        }
    }

    func session(_ id: AgentSessionID, in scope: OrganizationScope) async throws -> AgentSession {
        guard let session = database.read(scope, { $0.sessions[id] }) else { throw SpotterError.notFound("session") }
        return session
    }

    func session(openedBy execution: ExecutionID, in scope: OrganizationScope) async throws -> AgentSession? {
        database.read(scope) { $0.sessions.values.first { $0.execution == execution } }
    }

    func hear(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws -> Bool {
        try database.write(scope) { records in
            guard let session = records.sessions[id], session.endedAt == nil, session.idleAt > now else { return false }
            let idleAt = max(session.idleAt, now + Double(session.idleMinutes) * 60)
            records.sessions[id] = session.with(idleAt: idleAt, endedAt: nil)
            return true
        }
    }

    func end(_ id: AgentSessionID, at now: Date, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            guard let session = records.sessions[id] else { throw SpotterError.notFound("session") }
            records.sessions[id] = session.with(
                idleAt: session.idleAt, endedAt: session.endedAt ?? min(session.idleAt, now))
        }
    }

    func endIdle(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        try database.write(scope) { records in
            let idle = records.sessions.values.filter { $0.endedAt == nil && $0.idleAt <= now }.prefix(limit)
            for session in idle {
                records.sessions[session.id] = session.with(idleAt: session.idleAt, endedAt: session.idleAt)
            }
            return idle.count
        }
    }
}

extension AgentSession {
    fileprivate func with(idleAt: Date, endedAt: Date?) -> AgentSession {
        AgentSession(
            id: id, template: template, subject: subject, data: data, agents: agents, execution: execution,
            idleMinutes: idleMinutes, idleAt: idleAt, createdAt: createdAt, endedAt: endedAt)
    }
}
