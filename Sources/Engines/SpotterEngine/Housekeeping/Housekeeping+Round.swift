import SpotterDomain

extension Housekeeping {
    /// What one round has cleared away.
    public struct Cleared: Sendable, Hashable {
        /// Receipts that were forgotten.
        public var receipts = 0
        /// Slots of schedules that were forgotten.
        public var fires = 0
        /// Messages to hooks, and from them, that were forgotten.
        public var deliveries = 0
        /// Conversations, executions, events and messages whose organisation keeps them no longer.
        public var past = 0
        /// Executions that went to the history.
        public var executions = 0
        /// Calls that were put on the bill because nobody will hear of them again.
        public var calls = 0
        /// Processes that were forgotten.
        public var workers = 0
        /// Sessions that were ended.
        public var sessions = 0

        /// Nothing unless said otherwise.
        public init(
            receipts: Int = 0, fires: Int = 0, executions: Int = 0, calls: Int = 0, workers: Int = 0,
            sessions: Int = 0
        ) {
            self.sessions = sessions
            self.receipts = receipts
            self.fires = fires
            self.executions = executions
            self.calls = calls
            self.workers = workers
        }
    }

    /// What has come of one round so far.
    struct Round {
        let organizations: [OrganizationID]
        var cleared = Cleared()
        /// The first.
        var failure: (any Error)?

        /// Does a thing; a failure is noted, and the round goes on.
        mutating func attempt(_ work: (inout Cleared) async throws -> Void) async throws {
            try Task.checkCancellation()
            do {
                try await work(&cleared)
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                failure = failure ?? error
            }
        }

        /// Does a batch for each organisation in turn until none has more. Returns how many there were in all.
        mutating func go(
            _ batch: (OrganizationID) async throws -> (count: Int, hasMore: Bool)
        ) async throws -> Int {
            var count = 0
            var waiting = organizations
            while !waiting.isEmpty {
                var unfinished: [OrganizationID] = []
                for organization in waiting {
                    try await attempt { _ in
                        let done = try await batch(organization)
                        count += done.count
                        if done.hasMore { unfinished.append(organization) }
                    }
                }
                waiting = unfinished
            }
            return count
        }
    }
}
