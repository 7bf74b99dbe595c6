import Foundation
import SpotterDomain

extension StoreConformance {
    static let receipts: [StoreBehaviour] = [
        StoreBehaviour("a receipt is kept, completed, and not begun twice") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let execution: ExecutionID = gym.id()
            let receipt = gym.receipt("order-1", execution: execution)
            try await stores.receipts.begin(receipt, in: gym.scope)
            try requireEqual(try await stores.receipts.receipt(forKey: "order-1", in: gym.scope), receipt)
            try await requireThrows(ReceiptExists.self) {
                try await stores.receipts.begin(gym.receipt("order-1"), in: gym.scope)
            }
            let response = Receipt.Response(status: 201, body: Array(#"{"ok":true}"#.utf8) + [0, 255])
            try await stores.receipts.complete(key: "order-1", with: response, in: gym.scope)
            var completed = receipt
            completed.response = response
            try requireEqual(try await stores.receipts.receipt(forKey: "order-1", in: gym.scope), completed)
        },
        StoreBehaviour("the first answer of a receipt stands, and cannot be abandoned any more") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await stores.receipts.begin(gym.receipt("k"), in: gym.scope)
            let first = Receipt.Response(status: 200, body: [1])
            try await stores.receipts.complete(key: "k", with: first, in: gym.scope)
            try await stores.receipts.complete(key: "k", with: .init(status: 500, body: [2]), in: gym.scope)
            try await stores.receipts.abandon(key: "k", in: gym.scope)
            try requireEqual(try await stores.receipts.receipt(forKey: "k", in: gym.scope)?.response, first)
        },
        StoreBehaviour("an abandoned receipt may be begun again") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await stores.receipts.begin(gym.receipt("k"), in: gym.scope)
            try await stores.receipts.abandon(key: "k", in: gym.scope)
            try requireEqual(try await stores.receipts.receipt(forKey: "k", in: gym.scope), nil)
            try await stores.receipts.begin(gym.receipt("k"), in: gym.scope)
        },
        StoreBehaviour("a receipt that nobody answers any more is taken over by exactly one") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (begun, now) = (TestOrganization.start, TestOrganization.start + 600)
            let receipt = gym.receipt("k")
            try await stores.receipts.begin(receipt, in: gym.scope)
            func takeOver(_ key: String, begunBefore date: Date) async throws -> Bool {
                try await stores.receipts.takeOver(key: key, begunBefore: date, at: now, in: gym.scope)
            }
            try require(try await !takeOver("k", begunBefore: begun))
            try require(try await !takeOver("another", begunBefore: begun + 1))
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<8 { group.addTask { try await takeOver("k", begunBefore: begun + 1) } }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(taken, 1)
            let renewed = try unwrap(try await stores.receipts.receipt(forKey: "k", in: gym.scope))
            try requireEqual(renewed.createdAt, now)
            try requireEqual(renewed.fingerprint, receipt.fingerprint)
            try await stores.receipts.complete(key: "k", with: .init(status: 200, body: [1]), in: gym.scope)
            try require(try await !takeOver("k", begunBefore: now + 1))
        },
        StoreBehaviour("what was never begun cannot be completed") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await requireError(.notFound) {
                try await stores.receipts.complete(key: "none", with: .init(status: 200, body: []), in: gym.scope)
            }
            try await stores.receipts.abandon(key: "none", in: gym.scope)
        },
        StoreBehaviour("receipts are forgotten by age, oldest first, as many as asked for, and only one's own") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let start = TestOrganization.start
            for (key, age) in [("c", 30.0), ("a", 90), ("b", 60), ("new", -60)] {
                let receipt = Receipt(key: key, fingerprint: [1], createdAt: start - age)
                try await stores.receipts.begin(receipt, in: gym.scope)
                try await stores.receipts.begin(receipt, in: other.scope)
            }
            let done = Receipt.Response(status: 200, body: [1])
            try await stores.receipts.complete(key: "a", with: done, in: gym.scope)
            try requireEqual(try await stores.receipts.forget(before: start, limit: 2, in: gym.scope), 2)
            try requireEqual(try await stores.receipts.receipt(forKey: "a", in: gym.scope), nil)
            try requireEqual(try await stores.receipts.receipt(forKey: "b", in: gym.scope), nil)
            try require(try await stores.receipts.receipt(forKey: "c", in: gym.scope) != nil)
            try requireEqual(try await stores.receipts.forget(before: start, limit: 2, in: gym.scope), 1)
            try requireEqual(try await stores.receipts.forget(before: start, limit: 2, in: gym.scope), 0)
            try require(try await stores.receipts.receipt(forKey: "new", in: gym.scope) != nil)
            try require(try await stores.receipts.receipt(forKey: "a", in: other.scope) != nil)
            // The key may be used again.
            try await stores.receipts.begin(gym.receipt("a"), in: gym.scope)
        },
        StoreBehaviour("of many requests with one key at once exactly one begins") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let begun = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask {
                        do {
                            try await stores.agents.create(
                                gym.draftAgent(named: "Agent \(number)"), receipt: gym.receipt("same"), in: gym.scope)
                            return true
                        } catch is ReceiptExists { return false }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(begun, 1)
            try requireEqual(try await stores.agents.count(in: gym.scope), 1)
        },
    ]
}
