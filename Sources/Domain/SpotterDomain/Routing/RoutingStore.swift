public import Foundation

/// Wants one agent for one call.
public struct CallReservation: Sendable, Hashable {
    /// The execution.
    public let call: ExecutionID
    /// Who is wanted.
    public let agent: AgentID
    /// How well it fits.
    public let score: Double
    /// Why, in words.
    public let reasons: [String]
    /// What is to be done.
    public let order: CallOrder
    /// The ids of the contracts to be written; the first at once, the second with the end of the call. Nil for none.
    public let contracts: ContractIDs?
    /// When.
    public let at: Date

    /// The ids of the contracts of a call.
    public struct ContractIDs: Sendable, Codable, Hashable {
        /// Of the REQUEST.
        public let request: ContractID
        /// Of the RESPONSE.
        public let response: ContractID

        /// Two new ids.
        public init(request: ContractID, response: ContractID) {
            self.request = request
            self.response = response
        }
    }

    /// A reservation.
    public init(
        call: ExecutionID, agent: AgentID, score: Double, reasons: [String], order: CallOrder,
        contracts: ContractIDs?, at: Date
    ) {
        self.call = call
        self.agent = agent
        self.score = score
        self.reasons = reasons
        self.order = order
        self.contracts = contracts
        self.at = at
    }
}

/// The agent that a call has, until the call ends.
public struct ReservedCall: Sendable, Hashable {
    /// The execution.
    public let call: ExecutionID
    /// Who works on it.
    public let agent: AgentID
    /// In which version.
    public let version: Int
    /// How well it fitted.
    public let score: Double
    /// Why, in words.
    public let reasons: [String]
    /// The contracts of the call; nil for none.
    public let contracts: CallReservation.ContractIDs?

    /// A reserved call.
    public init(
        call: ExecutionID, agent: AgentID, version: Int, score: Double, reasons: [String],
        contracts: CallReservation.ContractIDs?
    ) {
        self.call = call
        self.agent = agent
        self.version = version
        self.score = score
        self.reasons = reasons
        self.contracts = contracts
    }
}

/// Who can be called, who is called, and what came of it.
///
/// A call has its agent from `reserve` to the end of its execution: the transaction that writes the end, whichever store
/// it is, gives the place back, counts the call in the agent's figures and writes the RESPONSE. So a place is held
/// exactly as long as its call, whatever dies.
public protocol RoutingStore: Sendable {
    /// Every agent there is, deleted ones not among them.
    func candidates(in scope: OrganizationScope) async throws -> [RoutingCandidate]
    /// One of them. Throws `notFound`.
    func candidate(_ id: AgentID, in scope: OrganizationScope) async throws -> RoutingCandidate
    /// Gives a call its agent, if that still has what is required and a free place; writes the REQUEST. Whoever repeats it
    /// for the same call is told of the first. Nil if the agent cannot be had.
    func reserve(_ wish: CallReservation, in scope: OrganizationScope) async throws -> ReservedCall?
    /// The agent of a call; nil if it has none (any more).
    func reservation(of call: ExecutionID, in scope: OrganizationScope) async throws -> ReservedCall?
    /// Keeps what an agent says of itself, and counts as a sign of life. Tells `agent.status` where that is news.
    /// Throws `notFound`.
    func setStatus(
        _ status: AgentStatus, note: String?, of agent: AgentID, at now: Date, in scope: OrganizationScope
    ) async throws -> AgentPresence
    /// Counts as a sign of life; an agent that was offline for want of one is available again, and that is told.
    /// Throws `notFound`.
    func heartbeat(of agent: AgentID, at now: Date, in scope: OrganizationScope) async throws -> AgentPresence
    /// The organisations of which agents have not been heard in time, and of which that was not told yet.
    func organizationsWithSilentAgents() async throws -> [OrganizationID]
    /// Tells of those that have not been heard in time and of which that was not told yet; at most `limit`.
    /// Returns how many.
    func expirePresence(limit: Int, at now: Date, in scope: OrganizationScope) async throws -> Int
}
