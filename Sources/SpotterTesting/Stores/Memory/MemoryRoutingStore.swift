import Foundation
import SpotterDomain

/// Who can be called, and who is called, in memory.
struct MemoryRoutingStore: RoutingStore {
    let database: MemoryDatabase

    func candidates(in scope: OrganizationScope) async throws -> [RoutingCandidate] {
        let now = database.clock.now()
        return database.read(scope) { records in
            records.agents.values.filter { !$0.isDeleted }.map { records.candidate($0.agent, at: now) }
                .sorted { $0.id < $1.id }
        }
    }

    func candidate(_ id: AgentID, in scope: OrganizationScope) async throws -> RoutingCandidate {
        let now = database.clock.now()
        return try database.read(scope) { try $0.candidate($0.agent(id), at: now) }
    }

    func reserve(_ wish: CallReservation, in scope: OrganizationScope) async throws -> ReservedCall? {
        let now = database.clock.now()
        return try database.write(scope) { records in
            if let known = records.calls[wish.call] { return known.reserved }
            guard let agent = try? records.agent(wish.agent) else { return nil }
            let candidate = records.candidate(agent, at: now)
            guard candidate.hindrance == nil, candidate.offers.isSuperset(of: wish.order.required) else { return nil }
            let reserved = ReservedCall(
                call: wish.call, agent: agent.id, version: agent.version, score: wish.score, reasons: wish.reasons,
                contracts: wish.contracts)
            records.calls[wish.call] = .init(reserved: reserved, order: wish.order, chosenAt: wish.at)
            if let request = wish.contracts?.request {
                records.contracts[request] = Contract(
                    id: request, sessionId: wish.order.sessionId, type: .request, correlationId: request,
                    executionId: wish.call, capability: wish.order.capability, action: wish.order.action,
                    agentId: agent.id, payload: wish.order.parameters, status: .sent, createdAt: wish.at)
            }
            return reserved
        }
    }

    func reservation(of call: ExecutionID, in scope: OrganizationScope) async throws -> ReservedCall? {
        database.read(scope) { $0.calls[call]?.reserved }
    }

    func setStatus(
        _ status: AgentStatus, note: String?, of agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> AgentPresence {
        try hear(agent, at: now, in: scope) { _ in (status, note) }
    }

    func heartbeat(of agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> AgentPresence {
        try hear(agent, at: now, in: scope) { known in known.map { ($0.status, $0.note) } ?? (.available, nil) }
    }

    private func hear(
        _ id: AgentID, at now: Date, in scope: OrganizationScope,
        _ say: (OrganizationRecords.StoredPresence?) -> (status: AgentStatus, note: String?)
    ) throws -> AgentPresence {
        let clock = database.clock.now()
        _ = try database.read(scope) { try $0.agent(id) }
        return try database.write(scope) { records in
            let heartbeat = try records.agent(id).settings.external?.heartbeatSeconds
            let known = records.presences[id]
            let (status, note) = say(known)
            let presence = AgentPresence(
                agentId: id, status: status, note: note, heardAt: clock,
                expiresAt: heartbeat.map {
                    clock.addingTimeInterval(Double($0 * ExternalAgent.heartbeatsMissed))
                })
            records.presences[id] = .init(status: status, note: note, heardAt: clock, told: status)
            if status != known?.told ?? (heartbeat == nil ? .available : .offline) {
                _ = records.append([presence.event], at: now)
            }
            return presence
        }
    }

    func organizationsWithSilentAgents() async throws -> [OrganizationID] {
        let now = database.clock.now()
        return database.everything { state in
            state.organizations.filter { _, records in
                records.presences.contains { id, presence in
                    guard presence.told != .offline, let agent = try? records.agent(id) else { return false }
                    return records.status(of: agent, at: now) == .offline
                }
            }.map(\.key)
        }
    }

    func expirePresence(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int {
        let clock = database.clock.now()
        return try database.write(scope) { records in
            let silent = records.presences.filter { id, presence in
                guard presence.told != .offline, let agent = try? records.agent(id) else { return false }
                return records.status(of: agent, at: clock) == .offline
            }.sorted { $0.key < $1.key }.prefix(max(limit, 0))
            for (id, presence) in silent {
                records.presences[id]?.told = .offline
                let told = AgentPresence(
                    agentId: id, status: .offline, note: nil, heardAt: presence.heardAt, expiresAt: nil)
                _ = records.append([told.event], at: now)
            }
            return silent.count
        }
    }
}

extension OrganizationRecords {
    struct StoredPresence: Sendable {
        var status: AgentStatus
        var note: String?
        var heardAt: Date
        var told: AgentStatus
    }

    struct StoredCall: Sendable {
        let reserved: ReservedCall
        let order: CallOrder
        let chosenAt: Date
    }

    fileprivate func status(of agent: Agent, at now: Date) -> AgentStatus {
        let presence = presences[agent.id]
        if let seconds = agent.settings.external?.heartbeatSeconds {
            let latest = now.addingTimeInterval(-Double(seconds * ExternalAgent.heartbeatsMissed))
            if presence.map({ $0.heardAt < latest }) ?? true { return .offline }
        }
        return presence?.status ?? .available
    }

    fileprivate func candidate(_ agent: Agent, at now: Date) -> RoutingCandidate {
        let active = calls.values.count { call in
            call.reserved.agent == agent.id
                && !(executions[call.reserved.call]?.execution.state.isTerminal ?? true)
        }
        return RoutingCandidate(
            id: agent.id, name: agent.settings.name, offers: agent.settings.offers,
            priority: agent.settings.priority ?? .medium, isEnabled: agent.settings.enabled ?? true,
            isExternal: agent.settings.external != nil, maxConcurrent: agent.settings.concurrency,
            status: status(of: agent, at: now), active: active, figures: figures[agent.id] ?? AgentFigures(),
            wasActiveJustNow: figures[agent.id]?.lastActiveAt.map {
                $0 > now.addingTimeInterval(-Double(RoutingCandidate.breakerSeconds))
            } ?? false)
    }

    /// What goes with the end of calls: places, figures, RESPONSEs, and another look for those that wait.
    mutating func endCalls(_ ended: [Execution], at clock: Date) {
        let over = ended.filter { $0.state.isTerminal && $0.kind == .call }
        for execution in over {
            guard let call = calls.removeValue(forKey: execution.id) else { continue }
            let (time, agent) = (execution.completedAt ?? clock, call.reserved.agent)
            if execution.state != .cancelled {
                figures[agent, default: AgentFigures()].add(
                    isWell: execution.state == .completed,
                    milliseconds: max(0, time.timeIntervalSince(call.chosenAt) * 1_000), at: time)
            }
            if let ids = call.reserved.contracts {
                contracts[ids.response] = Contract(
                    id: ids.response, sessionId: call.order.sessionId, type: .response, correlationId: ids.request,
                    executionId: execution.id, capability: call.order.capability, action: call.order.action,
                    agentId: agent, payload: Self.response(execution),
                    status: Contract.Status(rawValue: execution.state.rawValue) ?? .failed, createdAt: time)
            }
        }
        let waiting = executions.values.map(\.execution)
            .filter {
                $0.kind == .call && $0.state == .waiting && $0.currentStep?.hasPrefix("free-agent-") ?? false
                    && $0.wakeAt.map { $0 > clock } ?? false
            }
            .map(\.id).sorted().prefix(over.count)
        for id in waiting { executions[id]?.execution.wakeAt = clock }
    }

    private static func response(_ execution: Execution) -> JSONValue {
        if execution.state == .completed {
            return ["success": true, "data": execution.output?["data"] ?? .null]
        }
        return [
            "success": false,
            "error": [
                "code": .string(execution.error?.code ?? "cancelled"),
                "message": .string(execution.error?.message ?? "The call was cancelled."),
            ],
        ]
    }
}

/// Contracts in memory.
struct MemoryContractStore: ContractStore {
    let database: MemoryDatabase

    func contract(_ id: ContractID, in scope: OrganizationScope) async throws -> Contract {
        guard let found = database.read(scope, { $0.contracts[id] }) else { throw SpotterError.notFound("contract") }
        return found
    }

    func list(
        _ filter: ContractFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Contract> {
        database.read(scope) { newestFirst($0.contracts.values.filter(filter.shows), page, id: \.id) }
    }

    func contracts(
        ofSession session: String, limit: Int, in scope: OrganizationScope
    ) async throws -> [Contract] {
        database.read(scope) { records in
            records.contracts.values.filter { $0.sessionId == session }
                .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.suffix(limit)
        }
    }
}

extension MemoryContractStore {
    func keep(_ block: SessionBlock, in scope: OrganizationScope) async throws {
        try database.write(scope) { records in
            guard !records.sessionBlocks.contains(where: { $0.id == block.id }) else { return }
            records.sessionBlocks.append(block)
        }
    }

    func block(ofSession session: String, in scope: OrganizationScope) async throws -> SessionBlock? {
        database.read(scope) { records in
            records.sessionBlocks.filter { $0.sessionId == session }
                .max { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        }
    }
}

extension ContractFilter {
    fileprivate func shows(_ contract: Contract) -> Bool {
        session.map { $0 == contract.sessionId } ?? true && agent.map { $0 == contract.agentId } ?? true
            && capability.map { $0 == contract.capability } ?? true && type.map { $0 == contract.type } ?? true
            && status.map { $0 == contract.status } ?? true && from.map { $0 <= contract.createdAt } ?? true
            && to.map { $0 > contract.createdAt } ?? true
    }
}

/// What agents tell each other, in memory.
struct MemoryAgentMessageStore: AgentMessageStore {
    let database: MemoryDatabase

    func send(_ message: AgentMessage, key: String, in scope: OrganizationScope) async throws -> AgentMessage {
        try database.write(scope) { records in
            if let kept = records.agentMessages[key] { return kept }
            _ = try records.agent(message.toAgentId)
            records.agentMessages[key] = message
            return message
        }
    }

    func message(_ id: AgentMessageID, in scope: OrganizationScope) async throws -> AgentMessage {
        let found = database.read(scope) { $0.agentMessages.values.first { $0.id == id } }
        guard let found else { throw SpotterError.notFound("message") }
        return found
    }

    func open(
        for agent: AgentID, limit: Int, at now: Date, in scope: OrganizationScope
    ) async throws -> [AgentMessage] {
        database.read(scope) { records in
            let open = records.agentMessages.values.filter {
                $0.toAgentId == agent && $0.acknowledgedAt == nil && !$0.isExpired(at: now)
            }
            return Array(
                open.sorted { ($0.priority.rank, $0.id) < ($1.priority.rank, $1.id) }.prefix(max(limit, 0)))
        }
    }

    func acknowledge(
        _ ids: [AgentMessageID], by agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> [AgentMessageID] {
        try database.write(scope) { records in
            let wanted = Set(ids)
            var done: [AgentMessageID] = []
            for (key, message) in records.agentMessages
            where wanted.contains(message.id) && message.toAgentId == agent && message.acknowledgedAt == nil
                && !message.isExpired(at: now)
            {
                records.agentMessages[key]?.acknowledgedAt = now
                done.append(message.id)
            }
            return done.sorted()
        }
    }

    func list(
        to agent: AgentID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<AgentMessage> {
        try database.read(scope) { records in
            _ = try records.agent(agent)
            return newestFirst(records.agentMessages.values.filter { $0.toAgentId == agent }, page, id: \.id)
        }
    }
}
