import Foundation
public import SpotterDomain

extension HighLevelConnector {
    // MARK: Opportunities

    /// One page of the list, the oldest first.
    public func opportunities(
        ofContact contact: String?, page: String?, limit: Int
    ) async throws -> CRMPage<CRMOpportunity> {
        let size = min(max(limit, 1), 100)
        var query = [("location_id", location), ("limit", "\(size)"), ("status", "all"), ("order", "added_asc")]
        if let contact { query.append(("contact_id", contact)) }
        if let page {
            guard let place = try? JSONParser.parse(page), let after = place["after"]?.string,
                let id = place["id"]?.string
            else { throw CRMError.malformed("the place in the list cannot be read") }
            query += [("startAfter", after), ("startAfterId", id)]
        }
        let answer = try await client.send(.init(path: "/opportunities/search", query: query, noun: "list"))
        guard let entries = answer["opportunities"]?.array else { throw CRMError.malformed("it has no opportunities") }
        var (found, problems): ([CRMOpportunity], [String]) = ([], [])
        for entry in entries {
            do throws(HighLevelAnswer.Unreadable) {
                found.append(try HighLevelAnswer.opportunity(entry))
            } catch { problems.append(error.reason) }
        }
        let next = entries.count >= size ? Self.next(answer["meta"]) : nil
        guard next == nil || next != page else { throw CRMError.malformed("the list does not go on") }
        return CRMPage(found, next: next, unreadable: problems)
    }

    private static func next(_ meta: JSONValue?) -> String? {
        guard let id = HighLevelAnswer.identifier(meta?["startAfterId"]), let after = meta?["startAfter"] else {
            return nil
        }
        guard let text = after.string ?? after.int.map(String.init) else { return nil }
        return JSONValue.object(["after": .string(text), "id": .string(id)]).description
    }

    /// Reads an opportunity.
    public func opportunity(_ id: String) async throws -> CRMOpportunity {
        try read(try await client.send(.init(path: "/opportunities/\(try self.id(id))", noun: "opportunity")))
    }

    /// Makes an opportunity; nothing is repeated whose outcome is not known.
    public func createOpportunity(
        ofContact contact: String, _ change: CRMOpportunityChange
    ) async throws -> CRMOpportunity {
        var body = Self.body(change)
        body["locationId"] = .string(location)
        body["contactId"] = .string(try id(contact))
        return try read(
            try await client.send(
                .init(
                    method: "POST", path: "/opportunities/", body: .object(body), noun: "opportunity",
                    isRepeatable: false)))
    }

    /// Changes an opportunity.
    public func updateOpportunity(_ id: String, _ change: CRMOpportunityChange) async throws -> CRMOpportunity {
        _ = try await client.send(
            .init(
                method: "PUT", path: "/opportunities/\(try self.id(id))", body: .object(Self.body(change)),
                noun: "opportunity"))
        return try await opportunity(id)
    }

    private static func body(_ change: CRMOpportunityChange) -> JSONObject {
        var body = JSONObject()
        body["name"] = change.name.map { .string($0) }
        body["pipelineId"] = change.pipelineId.map { .string($0) }
        body["pipelineStageId"] = change.stageId.map { .string($0) }
        body["status"] = change.status.map { .string($0.rawValue) }
        body["monetaryValue"] = change.value.map { .double($0) }
        return body
    }

    private func read(_ answer: JSONValue) throws -> CRMOpportunity {
        do throws(HighLevelAnswer.Unreadable) {
            return try HighLevelAnswer.opportunity(answer["opportunity"] ?? answer)
        } catch { throw CRMError.malformed(error.reason) }
    }

    // MARK: Conversations

    private static let conversations = "2021-04-15"

    /// The newest messages of the contact's newest conversation.
    public func messages(ofContact contact: String, limit: Int) async throws -> [CRMMessage] {
        let found = try await client.send(
            .init(
                path: "/conversations/search",
                query: [("locationId", location), ("contactId", try id(contact)), ("limit", "1")], noun: "list",
                version: Self.conversations))
        guard let entries = found["conversations"]?.array else { throw CRMError.malformed("it has no conversations") }
        guard let conversation = HighLevelAnswer.identifier(entries.first?["id"]) else { return [] }
        let answer = try await client.send(
            .init(
                path: "/conversations/\(conversation)/messages", query: [("limit", "\(min(max(limit, 1), 100))")],
                noun: "conversation", version: Self.conversations))
        // The list stands in an object of the same name.
        guard let list = answer["messages"]?["messages"]?.array ?? answer["messages"]?.array else {
            throw CRMError.malformed("it has no messages")
        }
        return list.prefix(limit).compactMap { try? HighLevelAnswer.message($0) }
            .sorted { ($0.at ?? .distantPast) > ($1.at ?? .distantPast) }
    }

    /// Hands a message over.
    public func send(_ message: CRMOutgoingMessage) async throws -> String {
        var body: JSONObject = [
            "type": .string(HighLevelAnswer.name(of: message.channel)), "contactId": .string(try id(message.contactId)),
            "message": .string(message.body),
        ]
        if message.channel == .email {
            body["subject"] = .string(message.subject ?? "")
            body["html"] = .string(Self.html(message.body))
        }
        let answer = try await client.send(
            .init(
                method: "POST", path: "/conversations/messages", body: .object(body), noun: "contact",
                version: Self.conversations, isRepeatable: false))
        guard let id = HighLevelAnswer.identifier(answer["messageId"] ?? answer["emailMessageId"]) else {
            throw CRMError.unknownOutcome("the answer names no message")
        }
        return id
    }

    private static func html(_ text: String) -> String {
        let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "<p>" + escaped.replacing("\n", with: "<br>") + "</p>"
    }
}
