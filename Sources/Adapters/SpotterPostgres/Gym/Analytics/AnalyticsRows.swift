import Foundation
import PostgresKit
import SpotterDomain

// How the rows of reports are read. Parts are counted from 1 in SQL and from 0 in the domain.

extension RevenueLine {
    init(_ row: Row) throws {
        self.init(
            part: try row.get(0) - 1, currency: try row.get(1), kind: try row.get(2), method: try row.get(3),
            gross: try row.get(4), payments: try row.get(5), refunded: try row.get(6), refunds: try row.get(7))
    }
}

extension PaymentLine {
    init(_ row: Row) throws {
        self.init(
            part: try row.get(0) - 1, currency: try row.get(1), status: try row.get(2), method: try row.get(3),
            amount: try row.get(4), payments: try row.get(5))
    }
}

extension FailureLine {
    init(_ row: Row) throws {
        self.init(
            currency: try row.get(0), reason: try row.get(1), amount: try row.get(2), payments: try row.get(3))
    }
}

/// A cohort's members, or what it paid in one currency.
struct CohortRow {
    let cohort: Cohort
    let currency: String?
    let net: Decimal

    init(_ row: Row) throws {
        cohort = Cohort(
            part: try row.get(0) - 1, members: try row.get(2), left: try row.get(3), memberDays: try row.get(4),
            net: [:])
        currency = try row.get(1)
        net = try row.get(5)
    }
}

extension Movement {
    init(_ row: Row) throws {
        func step(_ column: Int) throws -> CustomerAmount {
            CustomerAmount(try row.get(column), try row.get(column + 1))
        }
        self.init(
            part: try row.get(0) - 1, currency: try row.get(1), start: try step(2), end: try step(4),
            new: try step(6), reactivation: try step(8), expansion: try step(10), contraction: try step(12),
            churn: try step(14))
    }
}

/// A group of lost members, or one of them.
struct LostRow {
    let group: LostGroup
    let member: LostMember?

    init(_ row: Row) throws {
        group = LostGroup(
            plan: try row.get(2), reason: try row.get(3), isInvoluntary: try row.get(4),
            lost: CustomerAmount(try row.get(6), try row.get(7)))
        guard let id = try row.get(0, as: UUID?.self) else {
            member = nil
            return
        }
        member = LostMember(
            id: ClientID(id), name: try row.get(1), group: group,
            leftOn: try row.get(5, as: String?.self).flatMap { Day($0) })
    }
}

/// Members who joined in one part of a period and left in another; 0 is before the first part, and one more than
/// there are parts is after the last, or never.
struct Stay {
    let joinedIn: Int
    let leftIn: Int
    let members: Int

    init(_ row: Row) throws {
        joinedIn = try row.get(0)
        leftIn = try row.get(1)
        members = try row.get(2)
    }
}

extension TurnoverLine {
    /// Members of each part, out of when they joined and left.
    static func lines(_ stays: [Stay], parts: Int) -> [TurnoverLine] {
        (1...max(parts, 1)).map { part in
            func count(_ isMeant: (Stay) -> Bool) -> Int { stays.reduce(0) { $0 + (isMeant($1) ? $1.members : 0) } }
            return TurnoverLine(
                part: part - 1, start: count { $0.joinedIn < part && $0.leftIn >= part },
                joined: count { $0.joinedIn == part }, left: count { $0.leftIn == part })
        }
    }
}

extension AttendanceLine {
    init(_ row: Row) throws {
        self.init(
            classId: try row.id(0), className: try row.get(1), weekday: try row.get(2), hour: try row.get(3),
            isCancelled: try row.get(4),
            count: AttendanceCount(
                sessions: try row.get(5), places: try row.get(6), attended: try row.get(7), missed: try row.get(8),
                unmarked: try row.get(9), cancelled: try row.get(10)))
    }
}

extension MemberStanding {
    /// - Parameter rank: the column that the rows are ranked by.
    init(_ row: Row, rank: Int) throws {
        self.init(
            id: try row.id(0), name: try row.get(1),
            visits: VisitPattern(
                seen: UInt64(bitPattern: try row.get(2, as: Int64.self)), attended: try row.get(3),
                missed: try row.get(4)),
            memberDays: try row.get(6), owes: try row.get(7),
            lastVisit: try row.get(9, as: String?.self).flatMap { Day($0) }, rankedBy: try row.get(rank))
    }
}

extension OperationsReport.Counts {
    static let nothing = Self(
        checkIns: 0, visitors: 0, failedPayments: 0, newLeads: 0, wonLeads: 0, openedTickets: 0, openTickets: 0)

    init(_ row: Row) throws {
        self.init(
            checkIns: try row.get(0), visitors: try row.get(1), failedPayments: try row.get(2),
            newLeads: try row.get(3), wonLeads: try row.get(4), openedTickets: try row.get(5),
            openTickets: try row.get(6))
    }
}
