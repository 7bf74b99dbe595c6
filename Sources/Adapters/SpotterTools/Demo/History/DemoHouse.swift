import Foundation
import SpotterDomain

/// Who works at an invented gym, what it offers, and what that costs.
struct DemoHouse {
    let history: DemoHistory

    static let staff: [(name: String, role: String)] = [
        ("Robin Achterberg", "owner"), ("Selma Ortiz", "manager"), ("Dana Whitlock", "coach"), ("Marcus Bell", "coach"),
        ("Ingrid Solberg", "coach"), ("Tomás Herrera", "coach"), ("Keiko Mori", "front_desk"),
        ("Nia Campbell", "front_desk"),
    ]
    /// Spin and Yoga Flow are always among them.
    var classes: [DemoProgramme] {
        var random = history.generator("classes")
        let all = DemoProgramme.all.prefix(2) + random.shuffled(Array(DemoProgramme.all.dropFirst(2)))
        return Array(all.prefix(history.classes))
    }

    func batch() -> GymHistoryBatch {
        var batch = GymHistoryBatch()
        for (number, person) in Self.staff.enumerated() {
            var row = DemoHistory.record(staff(number), at: history.start)
            row["name"] = .string(person.name)
            row["name_key"] = .string(FoldedText.fold(person.name))
            row["email"] = .string("staff\(number + 1)@example.com")
            row["role"] = .string(person.role)
            row["is_active"] = true
            batch.add(row, to: .staff)
            batch.words.append(
                .init(kind: "staff", record: .string(staff(number)), words: SearchWords.words(of: person.name)))
        }
        for (number, plan) in DemoPlans.all.enumerated() {
            var row = DemoHistory.record(self.plan(number), at: history.start)
            row["name"] = .string(plan.name)
            row["name_key"] = .string(FoldedText.fold(plan.name))
            row["description"] = ""
            row["amount"] = .string("\(plan.amount)")
            row["currency"] = .string(history.organization.currency)
            row["period"] = .string(plan.period)
            row["period_count"] = 1
            row["is_active"] = true
            batch.add(row, to: .plans)
        }
        for (number, offer) in classes.enumerated() { add(offer, number, to: &batch) }
        return batch
    }

    private func add(_ offer: DemoProgramme, _ number: Int, to batch: inout GymHistoryBatch) {
        var row = DemoHistory.record(gymClass(number), at: history.start)
        row["name"] = .string(offer.name)
        row["name_key"] = .string(FoldedText.fold(offer.name))
        row["description"] = .string(offer.description)
        row["duration_minutes"] = .int(Int64(offer.minutes))
        row["capacity"] = .int(Int64(offer.capacity))
        row["level"] = "all"
        row["is_active"] = true
        batch.add(row, to: .classes)
        batch.words.append(
            .init(kind: "class", record: .string(gymClass(number)), words: SearchWords.words(of: offer.name)))
    }

    func staff(_ number: Int) -> String { history.id("staff \(number)", at: DemoHistory.opening) }
    func plan(_ number: Int) -> String { history.id("plan \(number)", at: DemoHistory.opening) }
    func gymClass(_ number: Int) -> String { history.id("class \(number)", at: DemoHistory.opening) }
}
