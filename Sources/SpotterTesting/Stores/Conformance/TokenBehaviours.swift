import Foundation
import SpotterDomain

extension StoreConformance {
    static let tokens: [StoreBehaviour] = [
        StoreBehaviour("a token is kept as it was issued, and its use is noted") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let token = gym.token()
            try await stores.tokens.create(token, receipt: nil, in: gym.scope)
            let used = try unwrap(try await stores.tokens.use(token.id, in: gym.scope))
            let noted = try unwrap(used.lastUsedAt)
            var expected = token
            expected.lastUsedAt = noted
            try requireEqual(used, expected)
            // Within the same minute nothing is written again.
            try requireEqual(try await stores.tokens.use(token.id, in: gym.scope)?.lastUsedAt, noted)
            try requireEqual(
                try await stores.tokens.list(PageRequest(), in: gym.scope).items.map(\.lastUsedAt), [noted])
        },
        StoreBehaviour("a revoked token stays revoked since the first time, and says so") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let token = gym.token()
            try await stores.tokens.create(token, receipt: nil, in: gym.scope)
            let first = TestOrganization.start + 5
            try require(try await stores.tokens.revoke(token.id, at: first, in: gym.scope))
            try require(try await stores.tokens.revoke(token.id, at: first + 5, in: gym.scope))
            try requireEqual(try await stores.tokens.use(token.id, in: gym.scope)?.revokedAt, first)
        },
        StoreBehaviour("an unknown token is neither used nor revoked") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.tokens.use(gym.id(), in: gym.scope), nil)
            try requireEqual(try await stores.tokens.revoke(gym.id(), at: TestOrganization.start, in: gym.scope), false)
        },
        StoreBehaviour("tokens are listed newest first, page by page") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var issued: [TokenID] = []
            for _ in 0..<5 {
                let token = gym.token()
                try await stores.tokens.create(token, receipt: nil, in: gym.scope)
                issued.append(token.id)
            }
            let listed = try await allPages(limit: 2) { try await stores.tokens.list($0, in: gym.scope) }
            try requireEqual(listed.map(\.id), issued.reversed())
        },
        StoreBehaviour("a second token under the same idempotency key is refused as a whole") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await stores.tokens.create(gym.token(), receipt: gym.receipt("tokens"), in: gym.scope)
            try await requireThrows(ReceiptExists.self) {
                try await stores.tokens.create(gym.token(), receipt: gym.receipt("tokens"), in: gym.scope)
            }
            try requireEqual(try await stores.tokens.list(PageRequest(), in: gym.scope).items.count, 1)
        },
    ]
}

/// Every element of a list, read page by page.
func allPages<Element>(
    limit: Int, _ fetch: (PageRequest) async throws -> Page<Element>
) async throws -> [Element] {
    var all: [Element] = []
    var cursor: Cursor?
    repeat {
        let page = try await fetch(PageRequest(limit: limit, after: cursor))
        try require(page.items.count <= limit, "a page has \(page.items.count) elements of \(limit)")
        try require(page.next == nil || page.items.count == limit, "a short page says that there is another")
        all += page.items
        cursor = page.next
    } while cursor != nil
    return all
}
