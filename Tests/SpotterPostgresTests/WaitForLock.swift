import PostgresKit
import Testing

/// Returns when a session of the database waits for a lock.
func waitForLock(_ administrator: Database) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        let rows = try await administrator.unscoped.query(
            Statement(
                """
                SELECT EXISTS (
                    SELECT FROM pg_stat_activity
                    WHERE datname = current_database() AND wait_event_type = 'Lock')
                """))
        if try rows.exactlyOne().get(0) { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("nobody waits for a lock")
}
