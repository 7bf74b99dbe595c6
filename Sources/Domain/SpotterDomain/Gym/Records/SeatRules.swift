import Foundation

/// Who has a place in a session and who waits for one.
///
/// Places are taken by bookings or, where that is more, by the head count. Whoever books takes a place while there is
/// one, else waits at the end of the list, else is refused; nobody waits for what is free. A place that becomes free
/// goes to whoever has waited longest. What has already happened, `attended` and `no_show`, is written down whether or
/// not there was room.
public struct SeatRules: RecordRules {
    private var rooms: [ClassSessionID: KnownRecords.Room]
    private var bookings: [ClassSessionID: [BookingID: Booking]] = [:]
    /// Sessions in which a place has become free.
    private var freed: Set<ClassSessionID> = []

    /// The rules, knowing the sessions and everybody's bookings of them.
    public init(_ known: KnownRecords) {
        rooms = known.rooms
        for (id, room) in known.rooms {
            bookings[id] = Dictionary(room.bookings.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// Gives a place, or a place in line.
    public mutating func admit(_ record: inout Booking, replacing old: Booking?, _ setting: RecordSetting) throws {
        guard let room = rooms[record.sessionId] else { throw SpotterError.notFound(ClassSessionKind.noun) }
        record.startsAt = room.session.startsAt
        try refuseSecond(record)
        let had = old?.status
        let isNew = had?.takesPlace != true
        if record.status == .booked, isNew {
            try seat(&record, in: room, setting)
        } else if record.status == .waitlisted, had != .waitlisted, isNew, room.session.startsAt > setting.now {
            record.status = .booked
            try seat(&record, in: room, setting)
        } else if record.status == .waitlisted, had != .waitlisted {
            // Who waited for what is over waited, whatever became free later.
            try requireOpen(room, setting)
            try requireLine(record, in: room)
        }
        bookings[record.sessionId, default: [:]][record.id] = record
        if had?.takesPlace == true, !record.status.takesPlace { freed.insert(record.sessionId) }
    }

    private func refuseSecond(_ record: Booking) throws {
        let isOther = { (other: Booking) in
            other.id != record.id && other.clientId == record.clientId && other.leadId == record.leadId
        }
        guard let other = bookings[record.sessionId]?.values.first(where: isOther) else { return }
        let what =
            other.status == .cancelled ? "a cancelled booking, \(other.id), that can be booked again," : "a booking"
        throw SpotterError(
            .conflict, "This \(record.leadId == nil ? "member" : "lead") has \(what) of this session already.",
            issues: [
                FieldIssue(
                    pointer: record.leadId == nil ? "/client_id" : "/lead_id", message: "is of \(other.id) already")
            ])
    }

    private mutating func seat(
        _ record: inout Booking, in room: KnownRecords.Room, _ setting: RecordSetting
    ) throws {
        try requireOpen(room, setting)
        let taken = taken(room, without: record.id)
        let waiting = bookings[record.sessionId]?.values.count { $0.status == .waitlisted && $0.id != record.id } ?? 0
        // There may be places that those who wait have not got yet: more of them since, or freed in the same batch.
        if waiting > 0, taken < room.session.capacity { freed.insert(record.sessionId) }
        if taken + waiting < room.session.capacity { return }
        record.status = .waitlisted
        try requireLine(record, in: room)
    }

    private func requireOpen(_ room: KnownRecords.Room, _ setting: RecordSetting) throws {
        guard room.session.isCancelled else { return }
        throw SpotterError(.conflict, "This class session is cancelled.")
    }

    private func requireLine(_ record: Booking, in room: KnownRecords.Room) throws {
        let waiting = bookings[record.sessionId]?.values.count { $0.status == .waitlisted && $0.id != record.id } ?? 0
        guard waiting >= room.session.waitlistCapacity else { return }
        throw SpotterError(.conflict, "This class session is full, and so is its waiting list.")
    }

    private func taken(_ room: KnownRecords.Room, without id: BookingID? = nil) -> Int {
        let count = bookings[room.session.id]?.values.count { $0.status.takesPlace && $0.id != id } ?? 0
        return max(room.session.headCount, count)
    }

    /// Frees the place.
    public mutating func remove(_ record: Booking) {
        bookings[record.sessionId]?[record.id] = nil
        if record.status.takesPlace { freed.insert(record.sessionId) }
    }

    /// Whoever has waited longest takes the place that has become free, while the session is still to come.
    public mutating func consequences(_ setting: RecordSetting) -> [Booking] {
        var promoted: [Booking] = []
        for id in freed.sorted() {
            guard let session = rooms[id]?.session else { continue }
            let room = KnownRecords.Room(session: session, bookings: Array((bookings[id] ?? [:]).values))
            for next in room.promotions(setting) {
                bookings[id]?[next.id] = next
                promoted.append(next)
            }
        }
        freed = []
        return promoted
    }
}

extension KnownRecords.Room {
    /// Who of those that wait gets a place that is free: in the order in which they came, and as they are then. Nobody
    /// does where the session has begun or is cancelled.
    public func promotions(_ setting: RecordSetting) -> [Booking] {
        guard !session.isCancelled, session.startsAt > setting.now else { return [] }
        let taken = max(session.headCount, bookings.count { $0.status.takesPlace })
        let line = bookings.filter { $0.status == .waitlisted }.sorted { ($0.bookedAt, $0.id) < ($1.bookedAt, $1.id) }
        return line.prefix(max(0, session.capacity - taken)).map { next in
            var next = next
            next.status = .booked
            next.version += 1
            next.updatedAt = max(setting.now, next.updatedAt)
            return next
        }
    }
}

/// Where a member or a lead is deleted, their places go to those who wait.
public struct PersonRules<Kind: RecordKind>: RecordRules {
    private var rooms: [KnownRecords.Room]

    /// The rules, knowing the sessions that whoever is deleted has booked.
    public init(_ known: KnownRecords) {
        rooms = known.rooms.values.sorted { $0.session.id < $1.session.id }
    }

    /// Lets everything in.
    public mutating func admit(
        _ record: inout GymRecord<Kind>, replacing old: GymRecord<Kind>?, _ setting: RecordSetting
    ) {}

    /// Frees the places.
    public mutating func remove(_ record: GymRecord<Kind>) {
        let id = record.id.description
        rooms = rooms.map { room in
            let others = room.bookings.filter { $0.clientId?.description != id && $0.leadId?.description != id }
            return KnownRecords.Room(session: room.session, bookings: others)
        }
    }

    /// Who gets them.
    public func promotions(_ setting: RecordSetting) -> [Booking] { rooms.flatMap { $0.promotions(setting) } }
}
