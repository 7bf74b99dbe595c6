import Foundation
import PostgresKit
import SpotterDomain

/// Contracts in PostgreSQL.
struct PostgresContractStore: ContractStore {
    let door: StoreDoor

    func contract(_ id: ContractID, in scope: OrganizationScope) async throws -> Contract {
        let statement = Statement(
            """
            SELECT id, session_id, type, correlation_id, execution_id, capability, action, agent_id, payload, status,
                created_at
            FROM spotter.contracts WHERE id = $1
            """, id.uuid)
        guard let contract = try await door.read(scope, statement).firstDecoded(Contract.init) else {
            throw SpotterError.notFound("contract")
        }
        return contract
    }

    func list(
        _ filter: ContractFilter, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<Contract> {
        let statement = Statement(
            """
            SELECT id, session_id, type, correlation_id, execution_id, capability, action, agent_id, payload, status,
                created_at
            FROM spotter.contracts
            WHERE id < $1 AND ($3::text IS NULL OR session_id = $3) AND ($4::uuid IS NULL OR agent_id = $4)
                AND ($5::text IS NULL OR capability = $5) AND ($6::text IS NULL OR type = $6)
                AND ($7::text IS NULL OR status = $7) AND ($8::timestamptz IS NULL OR created_at >= $8)
                AND ($9::timestamptz IS NULL OR created_at < $9)
            ORDER BY id DESC LIMIT $2
            """,
            parameters: [
                page.before.postgresValue, page.fetchLimit.postgresValue, .text(filter.session), .id(filter.agent),
                .text(filter.capability), .text(filter.type?.rawValue), .text(filter.status?.rawValue),
                .timestamp(filter.from), .timestamp(filter.to),
            ])
        let contracts = try await door.read(scope, statement).decoded(Contract.init)
        return Page(fetched: contracts, limit: page.limit) { Cursor($0.id.uuid) }
    }

    func contracts(
        ofSession session: String, limit: Int, in scope: OrganizationScope
    ) async throws -> [Contract] {
        let statement = Statement(
            """
            SELECT id, session_id, type, correlation_id, execution_id, capability, action, agent_id, payload, status,
                created_at
            FROM spotter.contracts WHERE session_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2
            """, session, limit)
        return try await door.read(scope, statement).decoded(Contract.init).reversed()
    }
}

// MARK: Blocks

extension PostgresContractStore {
    func keep(_ block: SessionBlock, in scope: OrganizationScope) async throws {
        let statement = Statement(
            """
            INSERT INTO spotter.session_blocks (
                organization_id, id, session_id, summary, method, model, contracts, through_contract_id, execution_id,
                created_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (organization_id, id) DO NOTHING
            """,
            parameters: [
                .id(block.id), .text(StorableText.text(of: block.sessionId)),
                .text(StorableText.text(of: block.summary)), .text(block.method.rawValue), .text(block.model),
                block.contracts.postgresValue, .id(block.throughContractId), .id(block.executionId),
                .timestamp(block.createdAt),
            ])
        _ = try await door.write(scope, statement)
    }

    func block(ofSession session: String, in scope: OrganizationScope) async throws -> SessionBlock? {
        let statement = Statement(
            """
            SELECT id, session_id, summary, method, model, contracts, through_contract_id, execution_id, created_at
            FROM spotter.session_blocks WHERE session_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1
            """, session)
        return try await door.read(scope, statement).firstDecoded { row in
            SessionBlock(
                id: try row.id(0), sessionId: try row.get(1), summary: try row.get(2), method: try row.named(3),
                model: try row.get(4), contracts: try row.get(5), throughContractId: try row.id(6),
                executionId: try row.id(7), createdAt: try row.get(8))
        }
    }
}

extension Contract {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.id(0), sessionId: try row.get(1), type: try row.named(2), correlationId: try row.id(3),
            executionId: try row.id(4), capability: try row.get(5), action: try row.get(6), agentId: try row.id(7),
            payload: try row.json(8), status: try row.named(9), createdAt: try row.get(10))
    }
}
