import Foundation
import SpotterDomain

/// The invented timetable: the same every week, as gyms have it, and fuller in the evening.
struct DemoTimetable {
    let history: DemoHistory
    private var calendar: Calendar { history.calendar }

    /// Sessions of one week, from the history's first day on, with who booked and who came.
    func batch(week: Int) -> GymHistoryBatch {
        var batch = GymHistoryBatch()
        let lives = history.lives
        for offset in 0..<7 {
            let day = history.day(week * 7 + offset)
            let weekday = calendar.component(.weekday, from: day)
            for (place, slot) in slots(on: weekday).enumerated() { add(slot, place, day, lives, to: &batch) }
        }
        return batch
    }

    private struct Slot {
        let hour: Int
        let minute: Int
        let gymClass: Int
        let coach: Int
    }

    /// 1 is Sunday. The first two classes, Spin and Yoga Flow, are on every day.
    private func slots(on weekday: Int) -> [Slot] {
        var random = history.generator("week", "\(weekday)")
        let isWeekend = weekday == 1 || weekday == 7
        let times =
            isWeekend
            ? [(9, 30), (10, 30), (11, 30), (16, 0)] : [(18, 30), (7, 30), (6, 30), (12, 15), (17, 30), (19, 30)]
        let classes = DemoHouse(history: history).classes.count
        let order = Array(0..<min(2, classes)) + random.shuffled(Array(min(2, classes)..<classes))
        return zip(times, order).map { time, gymClass in
            Slot(hour: time.0, minute: time.1, gymClass: gymClass, coach: 2 + (gymClass + (isWeekend ? 1 : 0)) % 4)
        }
    }

    private func add(
        _ slot: Slot, _ place: Int, _ day: Date, _ lives: [DemoLife], to batch: inout GymHistoryBatch
    ) {
        let house = DemoHouse(history: history)
        guard let start = calendar.date(bySettingHour: slot.hour, minute: slot.minute, second: 0, of: day) else {
            return
        }
        let offer = house.classes[slot.gymClass]
        let key = "\(history.dayText(day).string ?? "") \(place)"
        var random = history.generator("session", key)
        let isCancelled = random.below(50) == 0
        let planned = start.addingTimeInterval(-14 * 86_400)
        var row = DemoHistory.record(history.id("session \(key)", at: planned), at: planned)
        row["class_id"] = .string(house.gymClass(slot.gymClass))
        row["instructor"] = .string(DemoHouse.staff[slot.coach].name)
        row["staff_id"] = .string(house.staff(slot.coach))
        row["starts_at"] = DemoHistory.text(start)
        row["ends_at"] = DemoHistory.text(start.addingTimeInterval(Double(offer.minutes) * 60))
        row["capacity"] = .int(Int64(offer.capacity))
        row["head_count"] = 0
        row["waitlist_capacity"] = 5
        row["is_cancelled"] = .bool(isCancelled)
        batch.add(row, to: .sessions)
        guard !isCancelled else { return }
        let wanted = offer.capacity * demand(slot.hour, &random) / 100
        let guests = guests(wanted, at: start, lives, &random)
        for (number, guest) in guests.enumerated() {
            book(guest, number, row, start, key, isWaiting: number >= offer.capacity, &random, to: &batch)
        }
    }

    /// More after work, fewer at noon, sometimes more than there is room for.
    private func demand(_ hour: Int, _ random: inout SeededGenerator) -> Int {
        let base =
            switch hour {
            case 17...19: 88
            case 9...11: 70
            case 12: 45
            default: 58
            }
        return base - 22 + random.below(50)
    }

    /// Members of that day, those who come often before others.
    private func guests(
        _ wanted: Int, at time: Date, _ lives: [DemoLife], _ random: inout SeededGenerator
    ) -> [DemoLife] {
        var (guests, seen): ([DemoLife], Set<Int>) = ([], [])
        for _ in 0..<(wanted * 5) where guests.count < wanted {
            let index = random.below(history.members)
            guard !seen.contains(index) else { continue }
            let life = lives[index]
            let keenness = min(1, life.visitsPerWeek / 2) * life.zeal(at: time)
            guard life.isMember(at: time), Double(random.below(100)) < 25 + 75 * keenness else { continue }
            seen.insert(index)
            guests.append(life)
        }
        return guests
    }

    private func book(
        _ life: DemoLife, _ number: Int, _ session: JSONObject, _ start: Date, _ key: String, isWaiting: Bool,
        _ random: inout SeededGenerator, to batch: inout GymHistoryBatch
    ) {
        let booked = start.addingTimeInterval(-Double(1 + random.below(9 * 24)) * 3_600)
        let dice = random.below(100)
        // Nobody has booked yet what will be booked tomorrow.
        guard booked < history.horizon else { return }
        let isOver = start < history.horizon
        let status =
            switch dice {
            case ..<8 where isOver: "cancelled"
            case ..<16 where isOver && !isWaiting: "no_show"
            default: isWaiting ? (isOver ? "cancelled" : "waitlisted") : isOver ? "attended" : "booked"
            }
        var row = DemoHistory.record(history.id("booking \(key) \(life.index)", at: booked), at: booked)
        row["session_id"] = session["id"] ?? .null
        row["client_id"] = .string(DemoMembers(history: history).id(life))
        row["starts_at"] = session["starts_at"] ?? .null
        row["kind"] = "member"
        row["status"] = .string(status)
        row["booked_at"] = DemoHistory.text(booked)
        row["cancelled_at"] = status == "cancelled" ? DemoHistory.text(start.addingTimeInterval(-7_200)) : .null
        batch.add(row, to: .bookings)
    }
}
