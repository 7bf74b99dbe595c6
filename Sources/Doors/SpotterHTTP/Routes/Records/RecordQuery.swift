import Foundation
import SpotterDomain

/// What a list of a kind of records can be narrowed by, in the query.
enum RecordQuery<Kind: RecordKind> {
    static var parameters: [Route.QueryParameter] {
        Kind.filters.map { Route.QueryParameter(name: name(of: $0), schema: schema(of: $0)) }
    }

    static func filter(_ context: RequestContext) throws -> RecordFilter {
        var filter = RecordFilter()
        for member in Kind.filters {
            guard let text = context.query[name(of: member)] else { continue }
            try read(text, member, context, into: &filter)
        }
        return filter
    }

    private static func read(
        _ text: String, _ member: RecordFilter.Member, _ context: RequestContext, into filter: inout RecordFilter
    ) throws {
        let name = name(of: member)
        switch member {
        case .externalId: filter.externalId = text
        case .status: filter.status = try choice(text, statuses, name)
        case .kind: filter.kind = try choice(text, sorts, name)
        case .email: filter.email = text
        case .phone: filter.phone = text
        case .tag: filter.tag = text
        case .clientId: filter.client = try context.queryID(name)
        case .leadId: filter.lead = try context.queryID(name)
        case .staffId, .assignedTo: filter.staff = try context.queryID(name)
        case .classId: filter.parent = (try context.queryID(name) as GymClassID?)?.uuid
        case .sessionId: filter.parent = (try context.queryID(name) as ClassSessionID?)?.uuid
        case .planId: filter.parent = (try context.queryID(name) as MembershipPlanID?)?.uuid
        case .subscriptionId: filter.parent = (try context.queryID(name) as SubscriptionID?)?.uuid
        case .paymentId: filter.parent = (try context.queryID(name) as PaymentID?)?.uuid
        case .from: filter.from = try time(text, name)
        case .to: filter.to = try time(text, name)
        case .words: filter.words = RecordWords.wanted(try SearchWords.wanted(text).joined(separator: " "))
        }
    }

    /// As the member is called that is looked at.
    private static func name(of member: RecordFilter.Member) -> String {
        member == .kind ? Kind.sortMember : member.rawValue
    }

    private static func schema(of member: RecordFilter.Member) -> JSONSchema {
        switch member {
        case .externalId: JSONSchema(.string, description: "What the gym's own system calls it.")
        case .status: JSONSchema(.string, values: statuses)
        case .kind: JSONSchema(.string, values: sorts)
        case .email: JSONSchema(.string, description: "An e-mail address, whatever the case.")
        case .phone: JSONSchema(.string, description: "A phone number, by its digits.")
        case .tag: JSONSchema(.string, description: "One of the labels.")
        case .clientId: ClientID.schema
        case .leadId: LeadID.schema
        case .staffId, .assignedTo: StaffID.schema
        case .classId: GymClassID.schema
        case .sessionId: ClassSessionID.schema
        case .planId: MembershipPlanID.schema
        case .subscriptionId: SubscriptionID.schema
        case .paymentId: PaymentID.schema
        case .from: JSONSchema(.string, description: "At or after this time or day.")
        case .to: JSONSchema(.string, description: "Before this time or day.")
        case .words:
            JSONSchema(
                .string, description: "Beginnings of words of names, addresses and labels, or digits of a number.")
        }
    }

    private static var statuses: [String] {
        let resource = RecordSchemas.of(Kind.self).resource
        if let status = resource["status"] { return status.schema.values }
        return resource["is_active"] == nil ? ["planned", "cancelled"] : ["active", "inactive"]
    }

    private static var sorts: [String] { RecordSchemas.of(Kind.self).resource[Kind.sortMember]?.schema.values ?? [] }

    private static func choice(_ text: String, _ values: [String], _ name: String) throws -> String {
        guard values.isEmpty || values.contains(text) else {
            throw SpotterError.invalid("/\(name)", "must be one of \(values.joined(separator: ", "))")
        }
        return text
    }

    private static func time(_ text: String, _ name: String) throws -> Date {
        guard let time = Timestamp.date(from: text) ?? Day(text)?.start else {
            throw SpotterError.invalid("/\(name)", "must be an RFC 3339 time or a day such as 2026-11-21")
        }
        return time
    }
}
