import Foundation
import SpotterDomain

/// People who asked about an invented gym, and how far they came.
struct DemoLeads {
    let history: DemoHistory

    private static let sources = ["website", "walk-in", "instagram", "referral", "google", "open day"]
    private static let interests = [
        "lose weight before summer", "yoga in the evening", "get strong again after a break", "train with a friend",
        "personal training", "a gym near work",
    ]
    private static let lostReasons = ["too expensive", "chose another gym", "no answer"]

    func batch() -> GymHistoryBatch {
        var batch = GymHistoryBatch()
        let people = DemoPeople(slug: "\(history.organization.slug) leads", timezone: history.organization.timezone)
        let count = max(5, history.members / 8)
        for (index, person) in zip(0..<count, people.members(0..<count)) { add(person, index, to: &batch) }
        return batch
    }

    private func add(_ person: Client, _ index: Int, to batch: inout GymHistoryBatch) {
        var random = history.generator("lead", "\(index)")
        let at = history.today.addingTimeInterval(-Double(random.below(120)) * 86_400 + Double(random.below(40_000)))
        let age = history.today.timeIntervalSince(at) / 86_400
        let status = age < 3 ? "new" : Self.status(&random)
        var row = DemoHistory.record(history.id("lead \(index)", at: DemoHistory.opening), at: at)
        row["name"] = .string(person.name)
        row["name_key"] = .string(FoldedText.fold(person.name))
        row["email"] = person.email.map(JSONValue.string) ?? .null
        row["phone"] = person.phone.map(JSONValue.string) ?? .null
        row["phone_digits"] = .string(FoldedText.digits(person.phone))
        row["status"] = .string(status)
        row["source"] = .string(Self.sources[random.below(Self.sources.count)])
        row["tags"] = .array([])
        row["interest"] = .string(Self.interests[random.below(Self.interests.count)])
        row["notes"] = ""
        row["assigned_to"] = .string(DemoHouse(history: history).staff(6 + random.below(2)))
        row["lost_reason"] = status == "lost" ? .string(Self.lostReasons[random.below(3)]) : .null
        batch.add(row, to: .leads)
        batch.words.append(
            .init(
                kind: "lead", record: row["id"] ?? .null,
                words: RecordWords.words(of: [person.name, person.email ?? ""], phone: person.phone)))
        var change = JSONObject()
        change["id"] = .string(history.id("lead status \(index)", at: at))
        change["lead_id"] = row["id"]
        change["to_status"] = .string(status)
        change["changed_by"] = "demo"
        change["changed_at"] = DemoHistory.text(at)
        batch.add(change, to: .statusChanges)
    }

    private static func status(_ random: inout SeededGenerator) -> String {
        switch random.below(100) {
        case ..<18: "new"
        case ..<40: "contacted"
        case ..<55: "qualified"
        case ..<66: "trial_booked"
        case ..<76: "trial_attended"
        case ..<88: "won"
        default: "lost"
        }
    }
}
