import Foundation
public import SpotterDomain

/// Finds members by name, e-mail address or phone number.
public struct SearchClients: Tool {
    /// What to look for.
    public struct Arguments: Codable, Sendable {
        let query: String
        let status: Client.Status?
        let limit: Int?
    }

    private let clients: any ClientStore

    /// A tool over one store of members.
    public init(clients: any ClientStore) { self.clients = clients }

    /// `search_clients`
    public let name = "search_clients"
    /// What a model is told.
    public let summary = """
        Find members (clients, customers) of the gym by name, e-mail address or phone number. Use it to look up who \
        somebody is, or before anything that needs a member's id. Answers the matching members with id, name, contact \
        details, membership status, tags and the date they joined.
        """
    /// Records of the gym.
    public let category = ToolCategory.crm
    /// Reads only.
    public let access = ToolAccess.read
    /// Changes nothing.
    public let effect = ToolEffect.none

    /// Searches; finding nobody is an answer, not a failure.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let query = arguments.query.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !query.isEmpty else {
            throw ToolFailure("The query is empty. Give a name, e-mail address or phone number.")
        }
        let limit = arguments.limit ?? 10
        let found = try await clients.search(
            query, status: arguments.status, limit: limit + 1, in: context.scope)
        let shown = found.prefix(limit)
        return [
            "summary": .string(try await sentence(query, arguments.status, found: found.count, limit, context)),
            "has_more": .bool(found.count > limit),
            "clients": .array(shown.map(\.row)),
        ]
    }

    private func sentence(
        _ query: String, _ status: Client.Status?, found: Int, _ limit: Int, _ context: ToolContext
    ) async throws -> String {
        let kind = status.map { "\($0.rawValue) " } ?? ""
        if found > limit {
            return
                "More than \(limit) \(kind)members match \"\(query)\"; the first \(limit) are listed. Narrow the query."
        }
        guard found == 0 else {
            return "\(found) \(kind)\(found == 1 ? "member matches" : "members match") \"\(query)\"."
        }
        let nobody = "No \(kind)member matches \"\(query)\"."
        guard status != nil else { return nobody + " Try a part of the name, the e-mail address or the phone number." }
        let others = try await clients.search(query, status: nil, limit: limit, in: context.scope)
        guard !others.isEmpty else { return nobody }
        return nobody + " With another status: "
            + others.map { "\($0.name) (\($0.status.rawValue))" }.joined(separator: ", ")
            + "."
    }
}

extension SearchClients.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "query": Field(
            "The name, e-mail address or phone number, or a part of it. All of its words must match.", length: 1...100,
            example: "Anna Lindqvist"),
        "status": Field("Only members with this membership status. Leave out for all."),
        "limit": Field("The most members to answer; 10 if left out.", range: 1...50, example: 10),
    ]
}

extension Client {
    /// As a model reads a member. What is not known is left out.
    var row: JSONValue {
        var row = JSONObject()
        row["id"] = .string(id.description)
        row["name"] = .string(name)
        row["email"] = email.map(JSONValue.string)
        row["phone"] = phone.map(JSONValue.string)
        row["status"] = .string(status.rawValue)
        if !tags.isEmpty { row["tags"] = .array(tags.map(JSONValue.string)) }
        row["joined"] = .string(joinedOn.description)
        return .object(row)
    }
}
