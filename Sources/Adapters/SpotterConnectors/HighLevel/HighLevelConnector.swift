public import Foundation
public import SpotterDomain

/// HighLevel behind the seam of all CRMs.
///
/// Contacts are searched by `POST /contacts/search` with `searchAfter`, read, made, changed and deleted under
/// `/contacts/{id}`; opportunities are listed by `GET /opportunities/search` with `startAfter` and `startAfterId`;
/// messages go through `/conversations`. Contacts are made with `POST /contacts/`, not with the upsert, which moves
/// addresses between contacts.
public struct HighLevelConnector: CRMConnector {
    let client: HighLevelClient
    let location: String

    /// - Parameter location: the id of the location that the token is for.
    public init(client: HighLevelClient, location: String) {
        self.client = client
        self.location = location
    }

    /// Reads the location.
    public func check() async throws -> String {
        let answer = try await client.send(.init(path: "/locations/\(try id(location))", noun: "location"))
        return HighLevelAnswer.text(answer["location"]?["name"]) ?? location
    }

    // MARK: Contacts

    /// One page of the search, by when contacts changed.
    public func contacts(changedSince: Date?, page: String?, limit: Int) async throws -> CRMPage<CRMContact> {
        var body: JSONObject = [
            "locationId": .string(location), "pageLimit": .int(Int64(min(max(limit, 1), 500))),
            "sort": [["field": "dateUpdated", "direction": "asc"]],
        ]
        if let changedSince {
            body["filters"] = [
                [
                    "field": "dateUpdated", "operator": "range",
                    "value": ["gte": .string(Timestamp.string(from: changedSince))],
                ]
            ]
        }
        if let page {
            guard let place = try? JSONParser.parse(page), place.array != nil else {
                throw CRMError.malformed("the place in the list cannot be read")
            }
            body["searchAfter"] = place
        }
        let answer = try await client.send(
            .init(method: "POST", path: "/contacts/search", body: .object(body), noun: "list"))
        guard let entries = answer["contacts"]?.array else { throw CRMError.malformed("it has no contacts") }
        var (contacts, problems): ([CRMContact], [String]) = ([], [])
        for entry in entries {
            do {
                contacts.append(try await named(entry))
            } catch let error as HighLevelAnswer.Unreadable {
                problems.append(error.reason)
            } catch CRMError.notFound { continue }
        }
        let following = entries.last?["searchAfter"] ?? answer["searchAfter"]
        let isFull = entries.count >= min(max(limit, 1), 500)
        let next = isFull ? following.flatMap { $0.array == nil ? nil : $0.description } : nil
        guard next == nil || next != page else { throw CRMError.malformed("the list does not go on") }
        return CRMPage(contacts, next: next, unreadable: problems)
    }

    /// A list may know names in lower case only; then the contact itself is asked.
    private func named(_ entry: JSONValue) async throws -> CRMContact {
        let (contact, isNameKnown) = try HighLevelAnswer.contact(entry)
        return isNameKnown ? contact : try await self.contact(contact.id)
    }

    /// Reads a contact.
    public func contact(_ id: String) async throws -> CRMContact {
        try await contact(in: client.send(.init(path: "/contacts/\(try self.id(id))", noun: "contact")))
    }

    private func contact(in answer: JSONValue) throws -> CRMContact {
        do {
            return try HighLevelAnswer.contact(answer["contact"] ?? answer).contact
        } catch { throw CRMError.malformed(error.reason) }
    }

    /// Asks for a duplicate of the address, then of the number.
    public func findContact(email: String?, phone: String?) async throws -> CRMContact? {
        for (name, value) in [("email", email), ("number", phone)] {
            guard let value, !value.isEmpty else { continue }
            let answer = try await client.send(
                .init(
                    path: "/contacts/search/duplicate", query: [("locationId", location), (name, value)], noun: "list"))
            if let found = HighLevelAnswer.identifier(answer["contact"]?["id"]) { return try await contact(found) }
        }
        return nil
    }

    /// Searches by words.
    public func searchContacts(_ words: String, limit: Int) async throws -> [CRMContact] {
        let body: JSONValue = [
            "locationId": .string(location), "pageLimit": .int(Int64(min(max(limit, 1), 100))), "page": 1,
            "query": .string(String(words.prefix(75))),
        ]
        let answer = try await client.send(.init(method: "POST", path: "/contacts/search", body: body, noun: "list"))
        guard let entries = answer["contacts"]?.array else { throw CRMError.malformed("it has no contacts") }
        var contacts: [CRMContact] = []
        for entry in entries.prefix(limit) {
            if let contact = try? await named(entry) { contacts.append(contact) }
        }
        return contacts
    }

    /// Makes a contact; nothing is repeated whose outcome is not known.
    public func createContact(_ change: CRMContactChange) async throws -> CRMContact {
        var body = Self.body(change, isNew: true)
        body["locationId"] = .string(location)
        let answer = try await client.send(
            .init(method: "POST", path: "/contacts/", body: .object(body), noun: "contact", isRepeatable: false))
        let made = try contact(in: answer)
        // The answer to a write does not have everything.
        return try await contact(made.id)
    }

    /// Changes a contact.
    public func updateContact(_ id: String, _ change: CRMContactChange) async throws -> CRMContact {
        let body = Self.body(change, isNew: false)
        _ = try await client.send(
            .init(method: "PUT", path: "/contacts/\(try self.id(id))", body: .object(body), noun: "contact"))
        return try await contact(id)
    }

    /// Deletes a contact.
    public func deleteContact(_ id: String) async throws {
        do {
            _ = try await client.send(
                .init(method: "DELETE", path: "/contacts/\(try self.id(id))", noun: "contact"))
        } catch CRMError.notFound {}
    }

    private static func body(_ change: CRMContactChange, isNew: Bool) -> JSONObject {
        var body = JSONObject()
        if let name = change.name {
            let parts = name.split(separator: " ", maxSplits: 1).map(String.init)
            body["firstName"] = .string(parts.first ?? "")
            if parts.count > 1 || !isNew { body["lastName"] = .string(parts.count > 1 ? parts[1] : "") }
        }
        for (member, value) in [("email", change.email), ("phone", change.phone)] {
            if let value { body[member] = value.isEmpty ? .null : .string(value) }
        }
        if let tags = change.tags { body["tags"] = .array(tags.map { .string($0) }) }
        if !change.blocked.isEmpty {
            var settings = JSONObject()
            for channel in MessageChannel.allCases {
                guard let isBlocked = change.blocked[channel] else { continue }
                settings[HighLevelAnswer.name(of: channel)] = [
                    "status": .string(isBlocked ? "active" : "inactive"),
                    "message": .string(isBlocked ? "Opted out at the gym" : "Opted in at the gym"), "code": "spotter",
                ]
            }
            body["dndSettings"] = .object(settings)
        }
        if !change.customFields.isEmpty {
            body["customFields"] = .array(
                change.customFields.sorted { $0.key < $1.key }.map {
                    ["id": .string($0.key), "field_value": .string($0.value)]
                })
        }
        return body
    }

    /// An id that may stand in a path.
    func id(_ text: String) throws -> String {
        guard HighLevelAnswer.isIdentifier(text) else {
            throw CRMError.invalid(field: "id", message: "it is no id of HighLevel's")
        }
        return text
    }
}
