import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/tokens`: who may use the API.
enum TokenRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), issue(services), revoke(services)] }

    /// A token as the API shows it; `token` only in the answer that issues it.
    struct TokenResource: Codable, Sendable {
        let id: TokenID
        let name: String
        let subject: String
        let role: Role
        let permissions: [Permission]
        let issuedAt: Date
        let expiresAt: Date
        let requestsPerMinute: Int?
        let revokedAt: Date?
        let lastUsedAt: Date?
        let token: String?

        init(_ record: TokenRecord, token: String? = nil) {
            id = record.id
            name = record.name
            subject = record.subject
            role = record.role
            permissions = record.permissions
            issuedAt = record.issuedAt
            expiresAt = record.expiresAt
            requestsPerMinute = record.requestsPerMinute
            revokedAt = record.revokedAt
            lastUsedAt = record.lastUsedAt
            self.token = token
        }
    }

    /// What a new token is to be.
    struct IssueRequest: Codable, Sendable, FieldsDescribed {
        let name: String
        let role: Role
        let subject: String?
        let permissions: [Permission]?
        let expiresInDays: Int?
        let requestsPerMinute: Int?

        static let fields: [String: Field] = [
            "name": Field("What it is for.", length: 1...100, example: "CRM"),
            "subject": Field("Who will use it; the name unless given.", length: 1...200),
            "permissions": Field("Scopes; all of the role's unless given.", count: 1...64),
            "expires_in_days": Field("365 unless given.", range: 1...732),
            "requests_per_minute": Field(
                "How many requests a minute may be made with it; never more than the organisation's.",
                range: 1...1_000_000_000),
        ]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/tokens", "listTokens", "List the organisation's tokens, newest first", tag: "Tokens",
            permission: .tokensRead, query: .page,
            answers: [.json(200, "One page; without the tokens' texts.", ListResource<TokenResource>.self)]
        ) { context in
            let page = try await services.tokens.list(context.page(), in: context.scope)
            return try .json(ListResource(page.map { TokenResource($0) }))
        }
    }

    private static func issue(_ services: Services) -> Route {
        Route(
            .post, "/v1/tokens", "issueToken", "Issue a token", tag: "Tokens", permission: .tokensWrite,
            body: .json(IssueRequest.self, example: ["name": "CRM", "role": "staff"]),
            answers: [.json(201, "The token; its text is shown this once.", TokenResource.self)],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(IssueRequest.self)
            let order = TokenIssuer.Order(
                name: wanted.name, subject: wanted.subject ?? wanted.name, role: wanted.role,
                permissions: wanted.permissions, lifetime: Double(wanted.expiresInDays ?? 365) * 86_400,
                requestsPerMinute: wanted.requestsPerMinute)
            let record = try services.tokens.draft(order, by: context.caller, in: context.scope)
            // The receipt keeps the record but never the token's text, which is made again from it when asked.
            let kept = try JSONWriter.encode(record)
            do {
                let text = try await services.tokens.issue(
                    record, receipt: context.receipt(status: 201, body: kept), in: context.scope)
                return try .json(TokenResource(record, token: text), status: 201)
            } catch is ReceiptExists {
                return try await replay(services, context)
            }
        }
    }

    private static func replay(_ services: Services, _ context: RequestContext) async throws -> Reply {
        guard let key = context.idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: context.scope)
        else { throw ReceiptExists() }
        let kept = try IdempotencyGuard.reply(from: receipt, for: key)
        guard case .bytes(let bytes) = kept.body else { throw ReceiptExists() }
        let record = try JSONParser.parse(bytes).decodedUnchecked(as: TokenRecord.self)
        let text = try services.tokens.text(of: record)
        return try Reply.json(TokenResource(record, token: text), status: 201).with("idempotency-replayed", "true")
    }

    private static func revoke(_ services: Services) -> Route {
        Route(
            .delete, "/v1/tokens/{token_id}", "revokeToken", "Revoke a token", tag: "Tokens",
            permission: .tokensWrite, answers: [.empty(204, "It is refused everywhere within five seconds.")],
            isConditional: false
        ) { context in
            try context.refuseMatch("A token")
            let id: TokenID = try context.id("token_id", "token")
            try await services.tokens.revoke(id, by: context.caller, in: context.scope)
            services.authenticator.forget(id)
            return .noContent
        }
    }
}
