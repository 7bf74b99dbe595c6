import Foundation
public import SpotterDomain

/// Chooses who is called, once for each call.
public struct CallRouter: Sendable {
    private let store: any RoutingStore
    private let index: AgentIndex
    private let ids: any IDGenerator
    /// How many of the best are tried before the others are looked at anew.
    static let tried = 8
    /// How many looks are taken at all.
    private static let looks = 3
    /// How many excuses are told.
    private static let excusesTold = 10

    /// A router over `store`, which `index` looks at.
    public init(store: any RoutingStore, index: AgentIndex, ids: any IDGenerator) {
        self.store = store
        self.index = index
        self.ids = ids
    }

    /// What came of a choice.
    enum Choice: Sendable, Hashable {
        /// This agent is the call's, until the call ends.
        case reserved(ReservedCall)
        /// Nobody who could do it is free; why, one by one.
        case busy([String])
    }

    /// The agent of a call: the one that it has already, or the best that is free.
    ///
    /// - Throws: `ExecutionError` where nobody will be free, however long one waits.
    func choose(_ order: CallOrder, for call: ExecutionID, at now: Date, in scope: OrganizationScope) async throws
        -> Choice
    {
        if let known = try await store.reservation(of: call, in: scope) { return .reserved(known) }
        if let agent = order.agentId { return try await take(agent, order, for: call, at: now, in: scope) }
        for look in 0..<Self.looks {
            let snapshot = try await index.snapshot(isFresh: look > 0, in: scope)
            let best = snapshot.best(
                Self.tried, required: order.required, optional: order.optionalCapabilities ?? [], onlyFree: true)
            for match in best {
                if let reserved = try await reserve(match, order, for: call, at: now, in: scope) {
                    return .reserved(reserved)
                }
            }
            if look > 0, best.isEmpty { break }
        }
        return try await excuses(for: order, in: scope)
    }

    private func reserve(
        _ match: RoutingMatch, _ order: CallOrder, for call: ExecutionID, at now: Date, in scope: OrganizationScope
    ) async throws -> ReservedCall? {
        let optional = order.optionalCapabilities ?? []
        let contracts =
            order.writeContracts == true
            ? CallReservation.ContractIDs(request: ids.id(at: now), response: ids.id(at: now)) : nil
        return try await store.reserve(
            CallReservation(
                call: call, agent: match.candidate.id, score: match.score.total,
                reasons: match.score.reasons(for: match.candidate, optional: optional), order: order,
                contracts: contracts, at: now), in: scope)
    }

    /// The agent that was named.
    private func take(
        _ id: AgentID, _ order: CallOrder, for call: ExecutionID, at now: Date, in scope: OrganizationScope
    ) async throws -> Choice {
        let candidate: RoutingCandidate
        do {
            candidate = try await store.candidate(id, in: scope)
        } catch let error as SpotterError where error.code == .notFound {
            throw ExecutionError(code: "agent_unknown", message: "There is no agent \(id).")
        }
        guard
            let score = AgentScore(
                candidate, required: order.required, optional: order.optionalCapabilities ?? [])
        else { throw Self.lacks(candidate, order) }
        let match = RoutingMatch(candidate: candidate, score: score)
        if candidate.hindrance == nil, let reserved = try await reserve(match, order, for: call, at: now, in: scope) {
            return .reserved(reserved)
        }
        if order.isPatient == true, let excuse = candidate.excuse { return .busy([excuse]) }
        switch candidate.hindrance {
        case .disabled, .offline, .error:
            throw ExecutionError(
                code: "agent_offline", message: "\(candidate.excuse ?? "It cannot be called").", isTransient: true)
        case .failing:
            throw ExecutionError(
                code: "agent_failing", message: "\(candidate.excuse ?? "Its last calls have failed").",
                isTransient: true, retryAfter: Double(RoutingCandidate.breakerSeconds))
        case .busy, .full, nil: return .busy([candidate.excuse ?? "\(candidate.name) was taken a moment ago"])
        }
    }

    private static func lacks(_ candidate: RoutingCandidate, _ order: CallOrder) -> ExecutionError {
        let missing = order.required.filter { !candidate.offers.contains($0) }
        let hint = missing.first.map { DidYouMean.hint(for: $0, among: candidate.offers.sorted()) } ?? ""
        return ExecutionError(
            code: "action_unknown",
            message: "\(candidate.name) does not offer \(missing.joined(separator: ", "))\(hint).")
    }

    /// Why nobody can be had.
    private func excuses(for order: CallOrder, in scope: OrganizationScope) async throws -> Choice {
        let snapshot = try await index.snapshot(in: scope)
        let able = snapshot.best(.max, required: order.required, optional: [], onlyFree: false).map(\.candidate)
        guard !able.isEmpty else {
            let unknown = order.required.filter { !snapshot.isKnown($0) }
            let names =
                unknown.isEmpty ? "all of \(order.required.joined(separator: ", "))" : unknown.joined(separator: ", ")
            throw ExecutionError(code: "capability_unknown", message: "No agent offers \(names).")
        }
        let told = able.prefix(Self.excusesTold).map { $0.excuse ?? "\($0.name) was taken a moment ago" }
        let reasons = able.count > told.count ? told + ["and \(able.count - told.count) more"] : told
        let mayBeFree = able.contains { [.busy, .full, .failing, nil].contains($0.hindrance) }
        guard mayBeFree || order.isPatient == true else { throw Self.nobody(reasons) }
        return .busy(reasons)
    }

    static func nobody(_ reasons: [String]) -> ExecutionError {
        ExecutionError(
            code: "no_agent_available",
            message: "No agent that could do it can be called: \(reasons.joined(separator: "; ")).", isTransient: true)
    }
}
