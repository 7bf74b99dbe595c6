import Foundation
public import SpotterDomain

/// Adds and removes labels.
public struct UpdateClientTags: Tool {
    /// Whose labels, and which.
    public struct Arguments: Codable, Sendable {
        let clientId: ClientID?
        let leadId: LeadID?
        let add: [String]?
        let remove: [String]?
    }

    private let records: any FrontDeskChanges
    /// The most labels that one person has, and the longest of them.
    static let most = 50
    static let longest = 50

    /// A tool over the gym's records.
    public init(records: any FrontDeskChanges) { self.records = records }

    /// `update_client_tags`
    public let name = "update_client_tags"
    /// What a model is told.
    public let summary = """
        Add or remove tags (labels, segments) of one member or lead, such as vip or risk:time, so that the next \
        colleague knows. Tags that are there already are not doubled, whatever the case; removing one that is not there \
        does no harm. Answers the tags as they are then. Needs client_id or lead_id.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// Doing it twice leaves the same.
    public let effect = ToolEffect.idempotent

    /// Changes the labels.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let person: PersonID
        switch (arguments.clientId, arguments.leadId) {
        case (let client?, nil): person = .client(client)
        case (nil, let lead?): person = .lead(lead)
        default: throw ToolFailure("Give client_id or lead_id, one of the two.")
        }
        let (add, remove) = (try Self.tags(arguments.add), try Self.tags(arguments.remove))
        guard !add.isEmpty || !remove.isEmpty else { throw ToolFailure("Give tags to add or to remove.") }
        let both = Set(add.map(FoldedText.fold)).intersection(remove.map(FoldedText.fold))
        guard both.isEmpty else {
            throw ToolFailure("\(both.sorted().joined(separator: ", ")) cannot be both added and removed.")
        }
        let change = TagChange(
            add: add, remove: remove, most: Self.most, at: context.now, isDryRun: context.isDryRun)
        guard let outcome = try await records.setTags(of: person, change, in: context.scope) else {
            throw ToolFailure("There is nobody of the id \(person). Take ids from search_clients or search_leads.")
        }
        guard outcome.after.count <= Self.most || outcome.after == outcome.before else {
            throw ToolFailure("\(outcome.name) would have \(outcome.after.count) tags; \(Self.most) is the most.")
        }
        let list = outcome.after.isEmpty ? "no tags" : outcome.after.joined(separator: ", ")
        let verb = context.isDryRun ? "would have" : "has"
        var row = ToolRow()
        row.set("summary", "\(context.isDryRun ? "Nothing was changed. " : "")\(outcome.name) \(verb) \(list).")
        if context.isDryRun { row.set("dry_run", true) }
        row.set("changed", !context.isDryRun && outcome.after != outcome.before)
        row.set("tags", .array(outcome.after.map { .string($0) }))
        return row.json
    }

    private static func tags(_ given: [String]?) throws -> [String] {
        try (given ?? []).map { text in
            let tag = text.trimmingCharacters(in: .whitespacesAndNewlines)
            if let problem = DisplayName.problem(with: tag) { throw ToolFailure("A tag \(problem).") }
            guard tag.count <= longest else { throw ToolFailure("A tag has at most \(longest) characters.") }
            return tag
        }
    }
}

extension UpdateClientTags.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "client_id": .client, "lead_id": .lead,
        "add": Field("Tags to add, each of at most 50 characters.", count: 0...20, example: ["risk:time"]),
        "remove": Field("Tags to remove, whatever their case.", count: 0...20),
    ]
}
