import Foundation

/// Sessions of one class at one weekday and hour of the gym's clock, and what became of their bookings.
///
/// Only sessions that have begun are in a report. Cancelled sessions have a line of their own and count in no rate.
/// - Fill rate: attended ÷ places of the sessions held.
/// - Booked rate: (attended + missed + not marked) ÷ places. Waiting lists and cancelled bookings are not in it.
/// - No-show rate: missed ÷ (attended + missed). Bookings that nobody marked are in neither.
public struct AttendanceLine: Sendable, Hashable {
    /// The programme.
    public let classId: GymClassID
    /// Its name.
    public let className: String
    /// 1 is Monday, 7 is Sunday.
    public let weekday: Int
    /// 0 to 23: when the session begins.
    public let hour: Int
    /// Whether these are sessions that were not held.
    public let isCancelled: Bool
    /// What happened.
    public let count: AttendanceCount

    /// A line.
    public init(
        classId: GymClassID, className: String, weekday: Int, hour: Int, isCancelled: Bool, count: AttendanceCount
    ) {
        self.classId = classId
        self.className = className
        self.weekday = weekday
        self.hour = hour
        self.isCancelled = isCancelled
        self.count = count
    }
}

/// Sessions, places, and what became of bookings.
public struct AttendanceCount: Sendable, Hashable {
    /// Sessions.
    public var sessions = 0
    /// Their capacities together.
    public var places = 0
    /// Bookings of people who came.
    public var attended = 0
    /// Bookings of people who did not come.
    public var missed = 0
    /// Bookings of which nobody has said what became of them.
    public var unmarked = 0
    /// Bookings that were cancelled.
    public var cancelled = 0

    /// Nothing.
    public init() {}

    /// Counts.
    public init(sessions: Int, places: Int, attended: Int, missed: Int, unmarked: Int, cancelled: Int) {
        self.sessions = sessions
        self.places = places
        self.attended = attended
        self.missed = missed
        self.unmarked = unmarked
        self.cancelled = cancelled
    }

    /// Adds each.
    public static func += (left: inout AttendanceCount, right: AttendanceCount) {
        left.sessions += right.sessions
        left.places += right.places
        left.attended += right.attended
        left.missed += right.missed
        left.unmarked += right.unmarked
        left.cancelled += right.cancelled
    }

    /// In percent, one digit; nil without places.
    public var fillRate: String? { MinorUnit.percent(Decimal(attended), of: Decimal(places)) }
    /// In percent, one digit; nil without places.
    public var bookedRate: String? { MinorUnit.percent(Decimal(attended + missed + unmarked), of: Decimal(places)) }
    /// In percent, one digit; nil where nothing is marked.
    public var noShowRate: String? { MinorUnit.percent(Decimal(missed), of: Decimal(attended + missed)) }
}

/// What attendance is put together by.
public enum AttendanceGrouping: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case `class`, weekday, hour
    /// One weekday and hour: the slots of a timetable.
    case slot
}

extension [AttendanceLine] {
    /// Of all sessions that were held.
    public var held: AttendanceCount { sum { !$0.isCancelled } }
    /// How many sessions were cancelled.
    public var cancelledSessions: Int { sum { $0.isCancelled }.sessions }

    private func sum(_ isMeant: (AttendanceLine) -> Bool) -> AttendanceCount {
        reduce(into: AttendanceCount()) { if isMeant($1) { $0 += $1.count } }
    }

    /// Sessions that were held, put together, in the order of classes' names, weekdays and hours.
    public func grouped(by grouping: AttendanceGrouping) -> [(key: String, count: AttendanceCount)] {
        var groups: [String: (place: Int, key: String, count: AttendanceCount)] = [:]
        for (index, line) in enumerated() where !line.isCancelled {
            let (id, place, key) = line.group(grouping, at: index)
            groups[id, default: (place, key, AttendanceCount())].count += line.count
        }
        return groups.values.sorted { $0.place < $1.place }.map { ($0.key, $0.count) }
    }
}

extension AttendanceLine {
    static let weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// What lines have in common, where it stands in the order, and what it is called.
    fileprivate func group(_ grouping: AttendanceGrouping, at index: Int) -> (id: String, place: Int, key: String) {
        let day = Self.weekdays[Swift.min(Swift.max(weekday, 1), 7) - 1]
        let time = (hour < 10 ? "0" : "") + "\(hour):00"
        // Lines come in the order of the classes' names; two classes may have one name.
        return switch grouping {
        case .class: (classId.description, index, className)
        case .weekday: (day, weekday, day)
        case .hour: (time, hour, time)
        case .slot: ("\(day) \(time)", weekday * 24 + hour, "\(day) \(time)")
        }
    }
}

/// A member who missed bookings.
public struct MissingMember: Sendable, Hashable {
    /// Who.
    public let id: ClientID
    /// First and last name.
    public let name: String
    /// Bookings that they missed.
    public let missed: Int
    /// Bookings that they came to.
    public let attended: Int

    /// A member.
    public init(id: ClientID, name: String, missed: Int, attended: Int) {
        self.id = id
        self.name = name
        self.missed = missed
        self.attended = attended
    }
}
