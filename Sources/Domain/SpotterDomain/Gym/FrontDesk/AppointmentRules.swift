public import Foundation

/// What is known of a session that somebody wants a place in, read after it was locked.
public struct TrialFacts: Sendable {
    /// The programme's name.
    public let title: String
    /// When it begins and ends.
    public let time: Range<Date>
    /// Whether it was called off.
    public let isCancelled: Bool
    /// Places in all.
    public let capacity: Int
    /// Places taken.
    public let taken: Int

    /// What is known.
    public init(title: String, time: Range<Date>, isCancelled: Bool, capacity: Int, taken: Int) {
        self.title = title
        self.time = time
        self.isCancelled = isCancelled
        self.capacity = capacity
        self.taken = taken
    }

    /// Why a visitor cannot have a place; nil where they can.
    ///
    /// - Parameter visitor: nil where nobody has the id that was named.
    public func refusal(for visitor: VisitorFacts?, at now: Date) -> AppointmentRefusal? {
        if isCancelled { return .cancelled(title: title) }
        if time.lowerBound <= now { return .past(title: title) }
        guard let visitor else { return .unknownPerson }
        if visitor.isActiveMember { return .isMember(name: visitor.name) }
        if visitor.hasPlace { return .hasPlace(name: visitor.name, title: title) }
        if taken >= capacity { return .full(title: title, capacity: capacity) }
        return visitor.engagement(during: time)
    }
}

/// What is known of somebody who wants to come.
public struct VisitorFacts: Sendable {
    /// First and last name.
    public let name: String
    /// Whether they are an active member.
    public let isActiveMember: Bool
    /// Whether they have a place in the session that is asked for.
    public let hasPlace: Bool
    /// What else they have near that time.
    public let engagements: [Engagement]

    /// What is known.
    public init(name: String, isActiveMember: Bool, hasPlace: Bool, engagements: [Engagement]) {
        self.name = name
        self.isActiveMember = isActiveMember
        self.hasPlace = hasPlace
        self.engagements = engagements
    }

    /// The refusal for what overlaps a time; nil where nothing does.
    public func engagement(during time: Range<Date>) -> AppointmentRefusal? {
        engagements.first { $0.time.overlaps(time) }.map {
            .personIsBusy(name: name, with: $0.title, at: $0.time)
        }
    }
}

/// Something that somebody has to do at a time.
public struct Engagement: Sendable {
    /// What it is called.
    public let title: String
    /// From when until when.
    public let time: Range<Date>
    /// Whose it is; nil for something that concerns the whole gym.
    public let staff: StaffID?

    /// Something to do.
    public init(title: String, time: Range<Date>, staff: StaffID? = nil) {
        self.title = title
        self.time = time
        self.staff = staff
    }
}

/// What is known of the staff's calendar at the time of a tour, read after the staff was locked.
public struct TourFacts: Sendable {
    /// Who works at the gym.
    public let staff: [StaffView]
    /// What they have to do, and what concerns the whole gym.
    public let engagements: [Engagement]

    /// What is known.
    public init(staff: [StaffView], engagements: [Engagement]) {
        self.staff = staff
        self.engagements = engagements
    }

    /// Who gives the tour: whoever was asked for, or somebody who is free, from the front desk first.
    public func guide(
        _ wanted: StaffID?, for visitor: VisitorFacts?, during time: Range<Date>
    ) -> Result<StaffView, Refused> {
        guard let visitor else { return .failure(Refused(.unknownPerson)) }
        if let closure = engagements.first(where: { $0.staff == nil && $0.time.overlaps(time) }) {
            return .failure(Refused(.closed(title: closure.title, at: closure.time)))
        }
        if let busy = visitor.engagement(during: time) { return .failure(Refused(busy)) }
        guard !staff.isEmpty else { return .failure(Refused(.noStaff)) }
        let busy = Set(engagements.filter { $0.time.overlaps(time) }.compactMap(\.staff))
        let roles = ["front_desk", "manager", "owner", "coach"]
        let free = staff.filter { !busy.contains($0.id) }.sorted { left, right in
            let places = [left, right].map { roles.firstIndex(of: $0.role) ?? roles.count }
            return (places[0], left.name, left.id) < (places[1], right.name, right.id)
        }
        guard let wanted else {
            guard let first = free.first else { return .failure(Refused(.staffIsBusy(name: nil, free: []))) }
            return .success(first)
        }
        guard let person = staff.first(where: { $0.id == wanted }) else { return .failure(Refused(.unknownStaff)) }
        guard busy.contains(wanted) else { return .success(person) }
        return .failure(Refused(.staffIsBusy(name: person.name, free: free.prefix(5).map(\.name))))
    }

    /// A refusal as an error.
    public struct Refused: Error {
        /// Why.
        public let refusal: AppointmentRefusal
        init(_ refusal: AppointmentRefusal) { self.refusal = refusal }
    }
}
