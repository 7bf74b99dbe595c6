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

/// The chain shows what somebody with every right in the database has done to it.
@Suite(.timeLimit(.minutes(2)))
struct AuditChainTests {
    /// An organisation with thirty sealed entries, and a checkpoint of them that was kept elsewhere.
    private struct Chain {
        let gym: TestOrganization
        let stores: TestStores
        let sealer: AuditSealer
        let verifier: AuditVerifier
        let superuser: Database
        let checkpoint: String

        init(checkpointAt: Int = 30) async throws {
            stores = try await TestStores.shared
            gym = try await TestOrganization.make(in: stores.stores)
            let signer = PasetoTokenSigner(
                keys: try KeyRing(signingWith: .generate()), deployment: "test", clock: SystemClock())
            let chain = stores.postgres.audit
            sealer = AuditSealer(chain: chain, signer: signer, clock: SystemClock(), log: .silent)
            verifier = AuditVerifier(chain: chain, digest: SHA256Digest(), signer: signer)
            superuser = TestStores.connect(stores.administrator)
            try await Self.note(checkpointAt, gym)
            try await Self.seal(through: checkpointAt, gym, chain, sealer)
            checkpoint = try #require(try await sealer.checkpoint(gym.scope))
            try await Self.note(30 - checkpointAt, gym)
            try await Self.seal(through: 30, gym, chain, sealer)
        }

        private static func note(_ count: Int, _ gym: TestOrganization) async throws {
            for number in 0..<count {
                let draft = AuditDraft(
                    id: gym.id(), actor: AuditActor(.token, id: "tok_1", role: .owner), action: "act\(number)",
                    resource: number.isMultiple(of: 2) ? "agent_1" : nil, fields: ["näme", "b"])
                try await gym.stores.audit.note(draft, in: gym.scope)
            }
        }

        /// Transactions of other tests hold sealing up for as long as they last.
        private static func seal(
            through position: Int, _ gym: TestOrganization, _ chain: any AuditChainStore, _ sealer: AuditSealer
        ) async throws {
            while try await chain.head(in: gym.scope).position < position {
                try await sealer.seal(gym.scope)
                await Task.yield()
            }
        }

        func verify(_ checkpoint: String? = nil) async throws -> AuditVerifier.Report {
            try await verifier.verify(gym.scope, checkpoint: checkpoint)
        }

        func tamper(_ sql: StaticString) async throws {
            _ = try await superuser.unscoped.query(Statement(sql, gym.scope.organization.uuid))
            superuser.close()
        }
    }

    @Test func `a chain that nobody touched is right, to its last entry and by its checkpoint`() async throws {
        let chain = try await Chain()
        let report = try await chain.verify(chain.checkpoint)
        #expect(report.verified == 30)
        #expect(report.problem == nil)
        let entries = try await chain.gym.stores.audit.list(
            AuditFilter(), PageRequest(limit: 200), in: chain.gym.scope
        ).items
        #expect(entries.compactMap(\.position).sorted() == Array(1...30))
        #expect(entries.allSatisfy { $0.hash?.count == 64 })
    }

    private static let edits: [StaticString] = [
        """
        UPDATE spotter.audit_entries SET action = 'deleteAgent' WHERE id = (
            SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 12)
        """,
        """
        UPDATE spotter.audit_entries SET at = at + interval '1 microsecond' WHERE id = (
            SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 12)
        """,
        """
        UPDATE spotter.audit_entries SET actor = 'tok_2' WHERE id = (
            SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 12)
        """,
        """
        UPDATE spotter.audit_entries SET fields = '{nämeb}' WHERE id = (
            SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 12)
        """,
        """
        UPDATE spotter.audit_entries SET actor = 'tok_1', role = NULL WHERE id = (
            SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 12)
        """,
    ]

    @Test(arguments: edits.indices)
    func `an edited entry is named`(_ edit: Int) async throws {
        let chain = try await Chain()
        try await chain.tamper(Self.edits[edit])
        let report = try await chain.verify()
        #expect(report.verified == 11)
        #expect(report.problem?.hasPrefix("Entry 12 (act_") == true, "\(report)")
    }

    @Test func `a removed entry is named, with and without its seal`() async throws {
        let one = try await Chain()
        try await one.tamper(
            """
            DELETE FROM spotter.audit_entries WHERE organization_id = $1
                AND id = (SELECT entry_id FROM spotter.audit_seals WHERE organization_id = $1 AND position = 7)
            """)
        #expect(try await one.verify().problem?.contains("Entry 7") == true)
        let other = try await Chain()
        try await other.tamper(
            """
            WITH gone AS (DELETE FROM spotter.audit_seals WHERE organization_id = $1 AND position = 7 RETURNING entry_id)
            DELETE FROM spotter.audit_entries WHERE organization_id = $1 AND id = (SELECT entry_id FROM gone)
            """)
        let report = try await other.verify()
        #expect(report.verified == 6)
        #expect(report.problem == "Entry 7 was removed, with its seal.")
    }

    @Test func `entries in each other's places are named`() async throws {
        let chain = try await Chain()
        for (from, to) in [(20, 1_000), (21, 20), (1_000, 21)] as [(Int64, Int64)] {
            let swap = Statement(
                "UPDATE spotter.audit_seals SET position = $3 WHERE organization_id = $1 AND position = $2",
                chain.gym.scope.organization.uuid, from, to)
            _ = try await chain.superuser.unscoped.query(swap)
        }
        let report = try await chain.verify()
        #expect(report.verified == 19)
        #expect(report.problem?.hasPrefix("Entry 20 (act_") == true, "\(report)")
    }

    @Test func `ten entries cut off the end are told of`() async throws {
        let chain = try await Chain()
        try await chain.tamper(
            """
            WITH gone AS (DELETE FROM spotter.audit_seals WHERE organization_id = $1 AND position > 20 RETURNING entry_id)
            DELETE FROM spotter.audit_entries WHERE organization_id = $1 AND id IN (SELECT entry_id FROM gone)
            """)
        let report = try await chain.verify()
        #expect(report.verified == 20)
        #expect(report.problem?.hasPrefix("Entries 21 to 30 were removed from the end") == true, "\(report)")
    }

    @Test func `a cut that hides itself in the database is told of by a checkpoint that was kept elsewhere`()
        async throws
    {
        let chain = try await Chain()
        try await chain.tamper(
            """
            WITH gone AS (DELETE FROM spotter.audit_seals WHERE organization_id = $1 AND position > 20 RETURNING entry_id),
            entries AS (
                DELETE FROM spotter.audit_entries WHERE organization_id = $1 AND id IN (SELECT entry_id FROM gone)),
            kept AS (DELETE FROM spotter.audit_checkpoints WHERE organization_id = $1)
            UPDATE spotter.audit_chains c SET position = 20, hash = s.hash, last_xid = '0'
            FROM spotter.audit_seals s
            WHERE c.organization_id = $1 AND s.organization_id = $1 AND s.position = 20
            """)
        #expect(try await chain.verify().problem == nil)
        let report = try await chain.verify(chain.checkpoint)
        #expect(report.problem?.hasPrefix("Entries 21 to 30 were removed from the end: a checkpoint") == true)
    }

    @Test func `a chain that was worked out anew is told of by its checkpoint`() async throws {
        let chain = try await Chain(checkpointAt: 20)
        try await chain.tamper(
            """
            WITH kept AS (DELETE FROM spotter.audit_checkpoints WHERE organization_id = $1)
            UPDATE spotter.audit_entries e SET action = 'forged'
            FROM spotter.audit_seals s
            WHERE e.organization_id = $1 AND s.organization_id = $1 AND s.entry_id = e.id AND s.position = 5
            """)
        let forger = TestStores.connect(chain.stores.administrator)
        for position in 5...30 {
            _ = try await forger.unscoped.query(
                Statement(
                    """
                    UPDATE spotter.audit_seals s SET hash = sha256(convert_to(
                        encode(b.hash, 'hex') || s.position || app.audit_text(e), 'UTF8'))
                    FROM spotter.audit_entries e, spotter.audit_seals b
                    WHERE s.organization_id = $1 AND s.position = $2 AND e.organization_id = $1 AND e.id = s.entry_id
                        AND b.organization_id = $1 AND b.position = s.position - 1
                    """, chain.gym.scope.organization.uuid, Int64(position)))
        }
        forger.close()
        #expect(try await chain.verify().problem == nil)
        let report = try await chain.verify(chain.checkpoint)
        #expect(report.problem?.hasPrefix("The chain up to entry 20 is not the one that was signed") == true)
    }

    @Test func `an entry that was slipped in is told of`() async throws {
        let chain = try await Chain()
        try await chain.tamper(
            """
            INSERT INTO spotter.audit_entries (organization_id, id, xid, actor_kind, action, outcome, fields)
            VALUES ($1, gen_random_uuid(), '3', 'system', 'forged', 'done', '{}')
            """)
        let report = try await chain.verify()
        #expect(report.problem?.contains("has no seal") == true)
    }

    @Test func `a checkpoint that somebody else signed, or of another organisation, is refused`() async throws {
        let chain = try await Chain()
        let other = try await Chain()
        await #expect(throws: SpotterError.self) { try await chain.verify(other.checkpoint) }
        await #expect(throws: SpotterError.self) { try await chain.verify(chain.checkpoint.dropLast(2) + "AA") }
    }

    @Test func `sealers at once seal every entry once`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while try await stores.postgres.audit.head(in: gym.scope).position < 100 {
                        _ = try await stores.postgres.audit.seal(limit: 7, in: gym.scope)
                    }
                }
            }
            group.addTask {
                for number in 0..<100 {
                    let draft = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "act\(number)")
                    try await gym.stores.audit.note(draft, in: gym.scope)
                }
            }
            try await group.waitForAll()
        }
        let links = try await stores.postgres.audit.links(after: 0, limit: 200, in: gym.scope)
        #expect(links.map(\.position) == Array(1...100))
        #expect(Set(links.map(\.entry)).count == 100)
    }

    @Test func `a transaction that ends late is not sealed early, and not forgotten`() async throws {
        let stores = try await TestStores.shared
        let gym = try await TestOrganization.make(in: stores.stores)
        let late = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "late")
        let (store, database) = (stores.postgres.audit, stores.database)
        try await database.withOrganization(gym.scope.organization.uuid).transaction { transaction in
            _ = try await transaction.query(AuditSQL.append(late))
            for number in 0..<3 {
                let draft = AuditDraft(id: gym.id(), actor: AuditActor(.system), action: "early\(number)")
                try await gym.stores.audit.note(draft, in: gym.scope)
            }
            _ = try await store.seal(limit: 100, in: gym.scope)
            #expect(try await store.head(in: gym.scope).position == 0)
        }
        while try await store.head(in: gym.scope).position < 4 { _ = try await store.seal(limit: 100, in: gym.scope) }
        let first = try await store.links(after: 0, limit: 1, in: gym.scope)
        #expect(first.first?.entry == late.id)
    }
}
