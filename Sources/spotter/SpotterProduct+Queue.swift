import SpotterCommandLine
import SpotterDomain
import SpotterEngine
import SpotterPostgres

extension SpotterProduct {
    func queueStatistics(organization: String) async throws -> QueueStatistics {
        try await withScope(organization) { application, scope in
            try await application.stores.queue.statistics(in: scope)
        }
    }

    func setQueuePaused(_ isPaused: Bool, organization: String) async throws -> QueueStatistics {
        try await withScope(organization) { application, scope in
            try await application.stores.queue.setPaused(isPaused, at: application.clock.now(), in: scope)
            return try await application.stores.queue.statistics(in: scope)
        }
    }

    func deadExecutions(organization: String, limit: Int) async throws -> [Execution] {
        try await withScope(organization) { application, scope in
            var found: [Execution] = []
            var after: Cursor?
            repeat {
                let page = try await application.stores.executions.list(
                    ExecutionFilter(isDead: true), PageRequest(limit: min(limit - found.count, 200), after: after),
                    in: scope)
                found += page.items
                after = page.next
            } while after != nil && found.count < limit
            return found
        }
    }

    func requeue(_ id: ExecutionID, organization: String) async throws -> Execution {
        try await withScope(organization) { application, scope in
            try await application.workforce.control.retry(id, in: scope)
        }
    }

    func schedulerStatus(coming: Int, organization: String) async throws -> SchedulerStatus {
        try await withScope(organization) { application, scope in
            try await application.stores.fires.status(coming: coming, in: scope)
        }
    }

    func outbox(_ filter: OutboxFilter, organization: String, limit: Int) async throws -> [OutboxMessage] {
        try await withScope(organization) { application, scope in
            var found: [OutboxMessage] = []
            var after: Cursor?
            repeat {
                let page = try await application.stores.outbox.list(
                    filter, PageRequest(limit: min(limit - found.count, 200), after: after), in: scope)
                found += page.items
                after = page.next
            } while after != nil && found.count < limit
            return found
        }
    }

    func retryMessage(_ id: OutboxID, organization: String) async throws -> OutboxMessage {
        try await withScope(organization) { application, scope in
            try await application.stores.outbox.retry(id, at: application.clock.now(), in: scope)
        }
    }

    func cancelMessage(_ id: OutboxID, organization: String) async throws -> OutboxMessage {
        try await withScope(organization) { application, scope in
            try await application.stores.outbox.cancel(id, in: scope)
        }
    }

    func timeline(of id: ExecutionID, organization: String) async throws -> (journal: Journal, events: [Event]) {
        try await withScope(organization) { application, scope in
            let journal = try await application.stores.executions.journal(of: id, in: scope)
            var events: [Event] = []
            while true {
                let page = try await application.stores.events.events(
                    after: events.last?.position ?? 0, execution: id, limit: 1_000, in: scope)
                events += page
                if page.count < 1_000 { return (journal, events) }
            }
        }
    }

    /// Runs `work` for the organisation of a slug.
    func withScope<T: Sendable>(
        _ organization: String, _ work: @escaping @Sendable (Application, OrganizationScope) async throws -> T
    ) async throws -> T {
        try await withApplication { application, _, _ in
            let scope = OrganizationScope(try await self.organization(organization, in: application).id)
            return try await work(application, scope)
        }
    }
}
