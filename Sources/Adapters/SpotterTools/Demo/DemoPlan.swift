import Foundation
import SpotterDomain

/// The invented timetable: the same every week, as gyms have it, and fuller in the evening.
struct DemoPlan {
    let gym: DemoGym
    let classes: [GymClass]
    let members: [Client]

    /// A session with who comes.
    struct Entry {
        let session: ClassSession
        let bookings: [Booking]
    }

    /// A place in the week.
    private struct Slot {
        let weekday: Int
        let hour: Int
        let minute: Int
        let gymClass: GymClass
        let instructor: String
    }

    /// From yesterday to 14 days ahead, in the gym's days.
    func sessions(around now: Date) -> [Entry] {
        let week = slots()
        let guests = members.filter { $0.status == .active || $0.status == .trial }
        let today = gym.calendar.startOfDay(for: now)
        return (-1...14).flatMap { offset -> [Entry] in
            // Noon, because a day's first hour may not exist.
            guard let noon = gym.calendar.date(byAdding: .hour, value: 12, to: today),
                let day = gym.calendar.date(byAdding: .day, value: offset, to: noon)
            else { return [] }
            let weekday = gym.calendar.component(.weekday, from: day)
            return week.filter { $0.weekday == weekday }.compactMap { entry($0, on: day, guests: guests) }
        }
    }

    // 1 is Sunday. The first two classes, Spin and Yoga Flow, are on every day.
    private func slots() -> [Slot] {
        guard !classes.isEmpty else { return [] }
        var random = gym.generator("week")
        let instructors = random.shuffled(Self.instructors)
        return (1...7).flatMap { weekday -> [Slot] in
            let isWeekend = weekday == 1 || weekday == 7
            let times =
                isWeekend
                ? [(9, 30), (10, 30), (11, 30), (16, 0)]
                : [(18, 30), (7, 30), (6, 30), (12, 15), (17, 30), (19, 30)]
            // Which of the others are on, and in what order, is drawn once for each day of the week.
            let others = random.shuffled(Array(classes.dropFirst(2)))
            let order = Array(classes.prefix(2)) + others
            return zip(times, order).map { time, gymClass in
                let place = classes.firstIndex(of: gymClass) ?? 0
                let coach = instructors[(place + (isWeekend ? 3 : 0)) % instructors.count]
                return Slot(
                    weekday: weekday, hour: time.0, minute: time.1, gymClass: gymClass, instructor: coach)
            }.sorted { ($0.hour, $0.minute) < ($1.hour, $1.minute) }
        }
    }

    private func entry(_ slot: Slot, on day: Date, guests: [Client]) -> Entry? {
        let calendar = gym.calendar
        guard let start = calendar.date(bySettingHour: slot.hour, minute: slot.minute, second: 0, of: day) else {
            return nil
        }
        let date = calendar.dateComponents([.year, .month, .day], from: day)
        let key =
            "\(date.year ?? 0)-\(date.month ?? 0)-\(date.day ?? 0) \(slot.hour):\(slot.minute) \(slot.gymClass.name)"
        var random = gym.generator("session", key)
        // Planned two weeks ahead: an id's time part says when it was made.
        let id = ClassSessionID(random.uuid(at: start.addingTimeInterval(-14 * 86_400)))
        let isCancelled = random.below(40) == 0
        let wanted = isCancelled ? 0 : demand(for: slot, &random)
        let comers = random.shuffled(guests).prefix(wanted)
        let bookings = comers.map { guest -> Booking in
            let hoursAhead = Double(1 + random.below(13 * 24))
            let bookingId = BookingID(random.uuid(at: start.addingTimeInterval(-hoursAhead * 3_600)))
            return Booking(
                id: bookingId, sessionId: id, clientId: guest.id,
                bookedAt: start.addingTimeInterval(-hoursAhead * 3_600))
        }
        let session = ClassSession(
            id: id, classId: slot.gymClass.id, className: slot.gymClass.name, instructor: slot.instructor,
            startsAt: start, endsAt: start.addingTimeInterval(Double(slot.gymClass.durationMinutes) * 60),
            capacity: slot.gymClass.capacity, booked: bookings.count, isCancelled: isCancelled)
        return Entry(session: session, bookings: bookings)
    }

    /// How many want to come: more after work, fewer at noon, sometimes more than there is room for.
    private func demand(for slot: Slot, _ random: inout SeededGenerator) -> Int {
        let base =
            switch slot.hour {
            case 17...19: 92
            case 9...11: 70
            case 12: 45
            default: 60
            }
        let percent = base - 25 + random.below(56)
        return slot.gymClass.capacity * percent / 100
    }

    private static let instructors = [
        "Dana Whitlock", "Marcus Bell", "Ingrid Solberg", "Tomás Herrera", "Keiko Mori", "Nia Campbell", "Luca Bianchi",
        "Freya Holm",
    ]
}
