public import Foundation
public import SpotterDomain

/// Invented records, so that there is something to ask about on the first evening.
///
/// Everything follows from the organisation's slug: two gyms differ, and the same gym is the same on every machine and
/// every day. Ids are made from what they name, so loading again adds only what is not there yet. E-mail addresses and
/// phone numbers are of the ranges set aside for examples and fiction, and reach nobody.
public struct DemoGym: Sendable {
    let organization: Organization
    let calendar: Calendar

    /// The most members and classes that are made, whatever is asked for: there are only so many programmes.
    public static let largest = TenantDefinition.Demo(members: 100_000, classes: DemoProgramme.all.count)
    /// Of how many members the classes are full: those who come, come often.
    private static let regulars = 500
    private static let batch = 500

    /// - Throws: `SpotterError` when this system does not know the organisation's time zone.
    public init(_ organization: Organization) throws {
        guard let zone = TimeZone(identifier: organization.timezone) else {
            throw SpotterError(.invalid, "The time zone \(organization.timezone) is not known to this system.")
        }
        self.organization = organization
        calendar = GymCalendar.gregorian(in: zone)
    }

    /// What a load put in, counting what was there already.
    public struct Loaded: Sendable, Hashable {
        /// Members made.
        public let members: Int
        /// Classes made.
        public let classes: Int
        /// Sessions made, from yesterday to 14 days ahead.
        public let sessions: Int
    }

    /// Fills an empty organisation; on a later day, adds the sessions of the days since.
    ///
    /// - Returns: nil when the organisation has members of its own: real records are never mixed with invented ones.
    public func load(
        into clients: any ClientStore, _ schedule: any ScheduleStore, now: Date, size: TenantDefinition.Demo
    ) async throws -> Loaded? {
        let scope = OrganizationScope(organization.id)
        let count = min(max(size.members, 0), Self.largest.members)
        guard try await isOurs(clients, first: members(1).first, in: scope) else { return nil }
        // The first ones first: `isOurs` looks for one of them after a load that was cut off.
        for start in stride(from: 0, to: count, by: Self.batch) {
            try await clients.add(members(start..<min(start + Self.batch, count)), in: scope)
        }
        let classes = classes(size.classes)
        let plan = DemoPlan(gym: self, classes: classes, members: members(min(count, Self.regulars)))
            .sessions(around: now)
        try await schedule.add(
            classes: classes, sessions: plan.map(\.session), bookings: plan.flatMap(\.bookings), in: scope)
        return Loaded(members: count, classes: classes.count, sessions: plan.count)
    }

    private func isOurs(
        _ clients: any ClientStore, first: Client?, in scope: OrganizationScope
    ) async throws -> Bool {
        guard try await clients.count(in: scope) > 0 else { return true }
        guard let first, let email = first.email else { return false }
        return try await clients.search(email, status: nil, limit: 5, in: scope).contains { $0.id == first.id }
    }

    /// The first `count` members of this gym. More are always the same ones and others.
    public func members(_ count: Int) -> [Client] { members(0..<min(max(count, 0), Self.largest.members)) }

    private func members(_ range: Range<Int>) -> [Client] {
        DemoPeople(slug: organization.slug, timezone: organization.timezone).members(range)
    }

    /// The programmes of this gym. Spin and Yoga Flow are always among them.
    public func classes(_ count: Int) -> [GymClass] {
        var random = generator("classes")
        let chosen = DemoProgramme.all.prefix(2) + random.shuffled(Array(DemoProgramme.all.dropFirst(2)))
        return chosen.prefix(min(max(count, 0), Self.largest.classes)).map { programme in
            var random = generator("class", programme.name)
            return GymClass(
                id: Identifier(random.uuid(at: Self.opening)), name: programme.name, description: programme.description,
                durationMinutes: programme.minutes, capacity: programme.capacity - 2 + 2 * random.below(3),
                createdAt: Self.opening)
        }
    }

    /// The day the demo gyms opened: programmes and members are not older. 2022-01-01.
    static let opening = Date(timeIntervalSince1970: 1_640_995_200)

    func generator(_ parts: String...) -> SeededGenerator {
        SeededGenerator(([organization.slug] + parts).joined(separator: "|"))
    }
}

extension SeededGenerator {
    /// A UUID of version 7 (RFC 9562, 5.7) for a time, with this generator's bits where chance would put its own.
    mutating func uuid(at time: Date) -> UUID {
        let milliseconds = UInt64(max(0, time.timeIntervalSince1970 * 1000))
        let high = milliseconds << 16 | 0x7000 | (next() & 0x0FFF)
        let low = next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: bytes)
    }
}
