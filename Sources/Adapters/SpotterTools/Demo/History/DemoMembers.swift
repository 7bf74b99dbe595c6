import Foundation
import SpotterDomain

/// The rows of invented members: who they are, what they subscribed to, paid, and how often they came.
struct DemoMembers {
    let history: DemoHistory
    private var calendar: Calendar { history.calendar }

    func batch(_ range: Range<Int>) -> GymHistoryBatch {
        var batch = GymHistoryBatch()
        let people = DemoPeople(slug: history.organization.slug, timezone: history.organization.timezone)
        for (index, person) in zip(range, people.members(range)) {
            add(person, history.lives[index], to: &batch)
        }
        return batch
    }

    /// The member's id, which bookings name, too.
    func id(_ life: DemoLife) -> String { history.id("client \(life.index)", at: DemoHistory.opening) }

    private func add(_ person: Client, _ life: DemoLife, to batch: inout GymHistoryBatch) {
        let status = status(life)
        var row = DemoHistory.record(id(life), at: life.joined)
        row["name"] = .string(person.name)
        row["name_key"] = .string(FoldedText.fold(person.name))
        row["email"] = person.email.map(JSONValue.string) ?? .null
        row["phone"] = person.phone.map(JSONValue.string) ?? .null
        row["phone_digits"] = .string(FoldedText.digits(person.phone))
        row["status"] = .string(status.rawValue)
        row["tags"] = .array(person.tags.map(JSONValue.string))
        row["joined_on"] = history.dayText(life.joined)
        row["cancelled_on"] = life.ended.map(history.dayText) ?? .null
        row["notes"] = ""
        batch.add(row, to: .clients)
        let texts = [person.name, person.email ?? ""] + person.tags
        batch.words.append(
            .init(kind: "client", record: .string(id(life)), words: RecordWords.words(of: texts, phone: person.phone)))
        addStatusChanges(life, status, to: &batch)
        DemoMoney(history: history, client: id(life), life: life).add(to: &batch)
        addVisits(life, to: &batch)
        addConsents(life, to: &batch)
        if life.index % 37 == 5 { addTicket(person, life, to: &batch) }
    }

    private func status(_ life: DemoLife) -> Client.Status {
        if life.isTrial { return .trial }
        if life.ended != nil { return .cancelled }
        return life.isMember(at: history.today) ? .active : .paused
    }

    private func addStatusChanges(_ life: DemoLife, _ status: Client.Status, to batch: inout GymHistoryBatch) {
        let first: Client.Status = life.isTrial ? .trial : .active
        var steps: [(from: Client.Status?, to: Client.Status, at: Date, reason: String?)] = [
            (nil, first, life.joined, nil)
        ]
        if let pause = life.pause {
            steps.append((.active, .paused, pause.from, nil))
            if pause.until < (life.ended ?? history.today) { steps.append((.paused, .active, pause.until, nil)) }
        }
        if let ended = life.ended { steps.append((steps.last?.to, .cancelled, ended, life.reason)) }
        for (number, step) in steps.enumerated() {
            var row = JSONObject()
            row["id"] = .string(history.id("status \(life.index) \(number)", at: step.at))
            row["client_id"] = .string(id(life))
            row["from_status"] = step.from.map { .string($0.rawValue) } ?? .null
            row["to_status"] = .string(step.to.rawValue)
            row["reason"] = step.reason.map(JSONValue.string) ?? .null
            row["changed_by"] = "demo"
            row["changed_at"] = DemoHistory.text(step.at)
            batch.add(row, to: .statusChanges)
        }
    }

    /// Visits to the floor, beside classes: some each week, mostly after work.
    private func addVisits(_ life: DemoLife, to batch: inout GymHistoryBatch) {
        var random = history.generator("visits", "\(life.index)")
        var day = max(life.joined, history.start)
        let end = life.ended ?? history.today
        while day < end {
            let chance = life.visitsPerWeek / 7 * life.zeal(at: day) * 1_000
            if Double(random.below(1_000)) < chance, life.isMember(at: day) {
                let hour = [6, 7, 7, 9, 12, 16, 17, 17, 18, 18, 18, 19, 20][random.below(13)]
                let at = day.addingTimeInterval(Double(hour * 3_600 + random.below(3_600)))
                var row = DemoHistory.record(
                    history.id("visit \(life.index) \(Int(day.timeIntervalSince1970))", at: at), at: at)
                row["client_id"] = .string(id(life))
                row["checked_in_at"] = DemoHistory.text(at)
                batch.add(row, to: .checkIns)
            }
            day = calendar.date(byAdding: .day, value: 1, to: day) ?? end
        }
    }

    private func addConsents(_ life: DemoLife, to batch: inout GymHistoryBatch) {
        var random = history.generator("consents", "\(life.index)")
        for (channel, purpose, percent) in [
            ("email", "transactional", 97), ("email", "marketing", 68), ("sms", "transactional", 80),
            ("sms", "marketing", 31),
        ] {
            var row = DemoHistory.record(
                history.id("consent \(life.index) \(channel) \(purpose)", at: life.joined), at: life.joined)
            row["client_id"] = .string(id(life))
            row["channel"] = .string(channel)
            row["purpose"] = .string(purpose)
            row["is_granted"] = .bool(random.below(100) < percent)
            row["source"] = "form"
            row["recorded_at"] = DemoHistory.text(life.joined)
            batch.add(row, to: .consents)
        }
    }

    private static let subjects = [
        ("Charged twice", "The bank shows two payments for this month."),
        ("Locker will not open", "Number 14 in the left row."),
        ("Freeze my membership", "I am away for two months and would like to rest it."),
        ("Lost a water bottle", "Green, left on the floor beside the rowers."),
        ("Question about personal training", "What does a block of ten cost?"),
    ]

    private func addTicket(_ person: Client, _ life: DemoLife, to batch: inout GymHistoryBatch) {
        var random = history.generator("ticket", "\(life.index)")
        let (subject, body) = Self.subjects[random.below(Self.subjects.count)]
        let at = history.today.addingTimeInterval(-Double(random.below(60)) * 86_400 + 36_000)
        let isOpen = random.below(3) == 0
        var row = DemoHistory.record(history.id("ticket \(life.index)", at: at), at: at)
        row["subject"] = .string(subject)
        row["body"] = .string(body)
        row["status"] = isOpen ? "open" : "resolved"
        row["priority"] = .string(["low", "medium", "medium", "high"][random.below(4)])
        row["client_id"] = .string(id(life))
        row["opened_by"] = "demo"
        row["resolved_at"] = isOpen ? .null : DemoHistory.text(at.addingTimeInterval(90_000))
        batch.add(row, to: .tickets)
        batch.words.append(
            .init(
                kind: "ticket", record: row["id"] ?? .null,
                words: SearchWords.words(of: subject + " " + body)))
    }
}
