import Foundation
import SpotterDomain

extension StoreConformance {
    /// What holds between records, whichever of them is written.
    static let recordRules: [StoreBehaviour] = money + statuses + rowsByID

    private static let money: [StoreBehaviour] = [
        StoreBehaviour("a payment of which something was given back stays what it was, and stays") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let payment: Payment = try await gym.keep(
                PaymentFields(amount: Money(50, "GBP"), paidAt: TestOrganization.start))
            func give(_ amount: Decimal) async throws -> Refund {
                try await gym.keep(
                    RefundFields(
                        paymentId: payment.id, amount: Money(amount, "GBP"), refundedAt: TestOrganization.start))
            }
            let refunds = [try await give(20), try await give(10)]
            @Sendable func change(_ edit: @escaping @Sendable (inout Payment) -> Void) async throws -> Payment {
                try await stores.gym.update(payment.id, gym.setting(), in: gym.scope, edit)
            }
            for (pointer, amount, status) in [
                ("/amount/amount", Money(29, "GBP"), PaymentStatus.succeeded),
                ("/amount/currency", Money(50, "EUR"), .succeeded), ("/status", Money(50, "GBP"), .failed),
                ("/status", Money(50, "GBP"), .pending),
            ] {
                let error = try await requireError(.invalid) {
                    try await change { ($0.amount, $0.status) = (amount, status) }
                }
                try requireEqual(error.issues.map(\.pointer), [pointer])
                try require(error.message.contains("30 GBP"), error.message)
            }
            try requireEqual(try await change { $0.amount = Money(30, "GBP") }.amount, Money(30, "GBP"))
            let refusal = try await requireError(.conflict) {
                try await stores.gym.delete(payment.id, version: nil, gym.setting(), in: gym.scope)
            }
            try require(refusal.message.contains("2 refunds of 30 GBP in all"), refusal.message)
            for refund in refunds {
                try await stores.gym.delete(refund.id, version: nil, gym.setting(), in: gym.scope)
            }
            try requireEqual(try await change { $0.status = .failed }.status, .failed)
            try await stores.gym.delete(payment.id, version: nil, gym.setting(), in: gym.scope)
        },
        StoreBehaviour("of a lowered payment and a refund at once only one is written") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let payment: Payment = try await gym.keep(
                PaymentFields(amount: Money(50, "GBP"), paidAt: TestOrganization.start))
            let done = try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await gym.wasLetIn {
                        let _: Refund = try await gym.keep(
                            RefundFields(
                                paymentId: payment.id, amount: Money(40, "GBP"), refundedAt: TestOrganization.start))
                    }
                }
                group.addTask {
                    try await gym.wasLetIn {
                        _ = try await stores.gym.update(payment.id, gym.setting(), in: gym.scope) {
                            $0.amount = Money(30, "GBP")
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            try requireEqual(done, 1)
        },
        StoreBehaviour("an amount has no more digits than its currency, and what would be lost is refused") { stores in
            let gym = try await TestOrganization.make(in: stores)
            for (text, currency) in [("9.999", "EUR"), ("100.5", "JPY"), ("1.0001", "KWD")] {
                let amount = try unwrap(Money(text, currency))
                let error = try await requireError(.invalid) {
                    let _: Payment = try await gym.keep(PaymentFields(amount: amount, paidAt: TestOrganization.start))
                }
                try requireEqual(error.issues.map(\.pointer), ["/amount/amount"])
            }
            let _: Payment = try await gym.keep(
                PaymentFields(amount: unwrap(Money("1.001", "KWD")), paidAt: TestOrganization.start))
            let day = Day(days: 20_000)
            let error = try await requireError(.invalid) {
                let _: Client = try await gym.keep(
                    ClientFields(name: "Ana", joinedOn: Day(days: 19_000), cancelledOn: day))
            }
            try requireEqual(error.issues.map(\.pointer), ["/cancelled_on"])
            let ana: Client = try await gym.keep(
                ClientFields(name: "Ana", status: .cancelled, joinedOn: Day(days: 19_000), cancelledOn: day))
            // What is left over from the status goes with it.
            let back = try await stores.gym.update(ana.id, gym.setting(), in: gym.scope) { $0.status = .active }
            try requireEqual(back.cancelledOn, nil)
        },
    ]

    private static let statuses: [StoreBehaviour] = [
        StoreBehaviour("steps of a status follow each other, also those of who came first and waited") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let start = TestOrganization.start
            let lead: Lead = try await gym.keep(LeadFields(name: "Ben"))
            func set(_ status: LeadStatus, at offset: Double) async throws {
                _ = try await stores.gym.update(lead.id, gym.setting(start + offset), in: gym.scope) {
                    $0.status = status
                }
            }
            // Whoever looked at the clock at 5 was held up, and writes after whoever did at 9.
            try await set(.contacted, at: 9)
            try await set(.qualified, at: 5)
            try await set(.won, at: 9)
            let steps = try await stores.gym.statusChanges(of: lead.id, in: gym.scope)
            try requireEqual(steps.map(\.toStatus), ["new", "contacted", "qualified", "won"])
            try requireEqual(steps.map(\.fromStatus), [nil, "new", "contacted", "qualified"])
            try require(zip(steps, steps.dropFirst()).allSatisfy { $0.changedAt < $1.changedAt })
        },
        StoreBehaviour("many who set a status at once leave one line of steps") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let lead: Lead = try await gym.keep(LeadFields(name: "Ben"))
            let wanted: [LeadStatus] = [.contacted, .qualified, .trialBooked, .won, .lost]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let now = TestOrganization.start + Double(20 - number) / 1_000
                        _ = try await stores.gym.update(lead.id, gym.setting(now), in: gym.scope) {
                            $0.status = wanted[number % wanted.count]
                        }
                    }
                }
                try await group.waitForAll()
            }
            let steps = try await stores.gym.statusChanges(of: lead.id, in: gym.scope)
            try requireEqual(steps.dropFirst().map(\.fromStatus), steps.dropLast().map(\.toStatus))
            let now = try await stores.gym.record(lead.id, in: gym.scope)
            try requireEqual(steps.last?.toStatus, now.status.rawValue)
        },
    ]

    private static let rowsByID: [StoreBehaviour] = [
        StoreBehaviour("rows are written by ids, too, and an id that nothing here has is refused") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let ana: Client = try await gym.keep(ClientFields(name: "Ana", joinedOn: Day(days: 0)))
            let foreign: Client = try await other.keep(ClientFields(name: "Foreign", joinedOn: Day(days: 0)))
            func id(_ client: Client) -> JSONValue { .string(client.id.description) }
            let saved = try await gym.rows(
                ["id": id(ana), "notes": "by id"], ["id": id(foreign), "name": "Mine"], ["id": "ana", "name": "Ana"],
                ["id": id(ana), "external_id": "m-1"], of: ClientKind.self)
            try requireEqual(try saved.outcomes[0].record().notes, "by id")
            try requireEqual(try saved.outcomes[3].record().externalId, "m-1")
            let refused = saved.outcomes[1...2].map { outcome -> [String] in
                if case .refused(let error) = outcome { error.issues.map(\.pointer) } else { [] }
            }
            try requireEqual(refused, [["/id"], ["/id"]])
            let page = try await stores.gym.list(ClientKind.self, RecordFilter(), PageRequest(), in: gym.scope)
            try requireEqual(page.items.map(\.name), ["Ana"])
        }
    ]
}

extension TestOrganization {
    /// Whether something was written; false where a rule refused it.
    fileprivate func wasLetIn(_ write: () async throws -> Void) async throws -> Bool {
        do {
            try await write()
            return true
        } catch let error as SpotterError where error.code == .invalid { return false }
    }
}
