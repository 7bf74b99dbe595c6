import Foundation
import PostgresKit
import ServiceKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterTesting
import SpotterTokens
import Testing

@testable import SpotterPostgres

/// What comes back from a backup on another server goes on without doing anything twice.
@Suite(.timeLimit(.minutes(3)))
struct BackupTests {
    @Test func `the keys of secrets are named, and a secret that was forgotten has none`() async throws {
        let stores = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: stores.stores)
        try await Administration.run(
            script: """
                INSERT INTO spotter.secrets (
                    organization_id, name, sealed, key_id, version, created_at, updated_at, changed_in) VALUES
                    ('\(gym.scope.organization.uuid.uuidString)', 'kept', 'x', 'key-1', 1, now(), now(), 1),
                    ('\(gym.scope.organization.uuid.uuidString)', 'forgotten', NULL, NULL, 1, now(), now(), 1);
                """, on: stores.administrator)
        let administrator = TestStores.connect(stores.administrator)
        defer { administrator.close() }
        #expect(try await RestoredDatabase(administrator: administrator).sealingKeys() == ["key-1"])
    }

    @Test func `a backup restored on another server does nothing twice, and its audit log goes on`() async throws {
        let first = try await TestStores.fresh()
        let gym = try await TestOrganization.make(in: first.stores)
        let running = try await gym.begunTurn()
        let person = gym.client("Ana", email: "ana@example.com")
        try await first.stores.clients.add([person], in: gym.scope)
        let mail = gym.mail(to: person, status: .queued)
        _ = try await first.stores.outbox.enqueue([OutboxDraft(mail, key: "1")], in: gym.scope)
        let sender = try await Self.sending(gym)
        _ = try #require(try await first.stores.connectors.claim("highlevel", for: 60, onlyIfDue: true, in: gym.scope))
        let connector = try await first.stores.connectors.state(of: "highlevel", in: gym.scope)
        let alert = try await gym.firingAlert("Errors")
        let entry = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "before")
        try await first.stores.audit.note(entry, in: gym.scope)
        while try await first.postgres.audit.seal(limit: 10, in: gym.scope) == 0 { await Task.yield() }
        let late = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "not sealed yet")
        try await first.stores.audit.note(late, in: gym.scope)

        let file = NSTemporaryDirectory() + "/spotter-backup-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try await DatabaseDump.write(first.administrator, to: file)
        #expect(try await DatabaseDump.checksum(of: file).count == 64)
        let counts = try await Self.counts(first.administrator)

        let cluster = try await Self.started(PrivateCluster.temporary())
        defer { cluster.server.stop() }
        let server = try PostgresConfiguration(url: cluster.url)
        try await Administration.createDatabase("elsewhere", on: server)
        let target = server.replacing(database: "elsewhere")
        let bootstrap = try DatabaseBootstrap(folder: TestStores.migrationsFolder)
        try await bootstrap.prepare(target, passwords: .init(application: nil))
        let administrator = TestStores.connect(target)
        defer { administrator.close() }
        let restored = RestoredDatabase(administrator: administrator)
        #expect(try await restored.isEmpty())
        try await restored.makeRoom()
        try await DatabaseDump.restore(file, into: target)
        #expect(try await !restored.isEmpty())
        #expect(try await Self.counts(target) == counts)
        let settled = try await restored.settle()
        try await bootstrap.prepare(target, passwords: .init(application: nil))
        #expect(settled.leases >= 1)
        #expect(settled.messages == 1)
        #expect(settled.queues == 1)
        #expect(settled.deliveries == 2)
        #expect(settled.connectors == 1)
        await #expect(throws: ClusterError.self) { try await DatabaseDump.restore(file, into: target) }

        let database = TestStores.connect(target.replacing(user: "spotter_app"))
        defer { database.close() }
        let stores = PostgresStores(database)
        // Nobody takes up what was held, and whoever held it has lost it.
        let message = try await stores.outbox.message(mail.id, in: gym.scope)
        #expect(message.status == .needsReview)
        let worker: WorkerID = gym.id()
        try await stores.queue.register(worker, lease: .seconds(60))
        #expect(try await stores.queue.statistics(in: gym.scope).isPaused)
        await #expect(throws: LeaseLost.self) {
            _ = try await stores.executions.record([ExecutionRecord(execution: running)], at: Date(), in: gym.scope)
        }
        try await Self.expectNothingSent(by: sender, in: gym.scope, stores)
        let claimed = try await stores.connectors.claim("highlevel", for: 60, onlyIfDue: true, in: gym.scope)
        #expect(claimed == nil)
        await #expect(throws: LeaseLost.self) {
            try await stores.connectors.advance(connector, done: [], for: 60, in: gym.scope)
        }
        let stillFiring = try await stores.alerts.alert(alert.id, in: gym.scope)
        #expect(stillFiring.standing.incident == alert.standing.incident)
        #expect(stillFiring.looks > alert.looks)
        // The chain goes on where it was, under other numbers of transactions.
        let after = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "after")
        try await stores.audit.note(after, in: gym.scope)
        while try await stores.audit.head(in: gym.scope).position < 3 {
            _ = try await stores.audit.seal(limit: 10, in: gym.scope)
        }
        let signer = PasetoTokenSigner(
            keys: try KeyRing(signingWith: .generate()), deployment: "test", clock: SystemClock())
        let report = try await AuditVerifier(chain: stores.audit, digest: SHA256Digest(), signer: signer)
            .verify(gym.scope)
        #expect(report.verified == 3)
        #expect(report.problem == nil)
        try await first.close()
    }

    /// A hook with one delivery on its way, one that waits for its turn, and an event that it has not looked at.
    private static func sending(_ gym: TestOrganization) async throws -> HookID {
        let sender = try await gym.sender("Out")
        let told = try await gym.tell("custom.a", "custom.b")
        _ = try await gym.stores.outbound.queue(told.map { gym.sending($0, by: sender) }, of: sender.id, in: gym.scope)
        let wish = OutboundWish(limit: 1, failing: 1, lease: .seconds(60), after: nil)
        #expect(try await gym.stores.outbound.claim(wish).count == 1)
        try await gym.tell("custom.c")
        return sender.id
    }

    private static func expectNothingSent(
        by hook: HookID, in scope: OrganizationScope, _ stores: PostgresStores
    ) async throws {
        let wish = OutboundWish(limit: 10, failing: 1, lease: .seconds(60), after: nil)
        #expect(try await stores.outbound.claim(wish).isEmpty)
        #expect(try await stores.outbound.organizationsWithNews().isEmpty)
        let kept = try await stores.outbound.deliveries(of: hook, PageRequest(), in: scope).items
        #expect(kept.map(\.state) == [.cancelled, .cancelled])
        // People who know better send one again.
        let last = try #require(kept.first)
        _ = try await stores.outbound.requeue(last.id, of: hook, receipt: nil, in: scope)
        #expect(try await stores.outbound.claim(wish).map(\.id) == [last.id])
    }

    private static func started(
        _ make: @autoclosure @escaping @Sendable () throws -> PrivateCluster
    ) async throws -> (server: PrivateCluster, url: String) {
        try await withCheckedThrowingContinuation { continuation in
            // Starting blocks, which the tasks' threads must not.
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let server = try make()
                        return (server, try server.start().databaseURL)
                    })
            }
        }
    }

    private static func counts(_ configuration: PostgresConfiguration) async throws -> [String] {
        let database = TestStores.connect(configuration)
        defer { database.close() }
        let statement = Statement(
            """
            SELECT c.relname || ' ' || (xpath('/row/n/text()', query_to_xml(
                format('SELECT count(*) AS n FROM spotter.%I', c.relname), false, true, '')))[1]::text
            FROM pg_class c WHERE c.relnamespace = 'spotter'::regnamespace AND c.relkind = 'r' ORDER BY 1
            """)
        return try await database.unscoped.query(statement).map { try $0.get(0) }
    }
}
