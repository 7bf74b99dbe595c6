import Foundation
import SpotterDomain

extension HighLevelDouble.State {
    struct Reply {
        var status = 200
        var headers: [String: String] = [:]
        var body: String
    }

    /// - Returns: nil where the connection ends.
    mutating func answer(_ request: RawRequest) -> Reply? {
        let target = request.target.split(separator: "?", maxSplits: 1).map(String.init)
        let call = HighLevelDouble.Call(
            method: request.method, path: target.first ?? "", number: calls.count + 1, headers: request.headers,
            body: request.text)
        calls.append(call)
        let fault = fault?(call)
        switch fault {
        case .answer(let status, let headers, let body): return Reply(status: status, headers: headers, body: body)
        case .cutBefore: return nil
        case .cutAfter, nil: break
        }
        var query: [String: String] = [:]
        for pair in (target.count > 1 ? target[1] : "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1).map { String($0).removingPercentEncoding ?? "" }
            if let name = parts.first { query[name] = parts.count > 1 ? parts[1] : "" }
        }
        let json = try? JSONParser.parse(request.body)
        var reply = answer(call, query, json?.object ?? JSONObject())
        reply.headers.merge([
            "X-RateLimit-Max": "100", "X-RateLimit-Remaining": "99", "X-RateLimit-Interval-Milliseconds": "10000",
            "X-RateLimit-Limit-Daily": "200000", "X-RateLimit-Daily-Remaining": "199000",
        ]) { own, _ in own }
        if case .cutAfter = fault { return nil }
        return reply
    }

    private mutating func answer(
        _ call: HighLevelDouble.Call, _ query: [String: String], _ body: JSONObject
    ) -> Reply {
        let token = call.headers["authorization"]?.replacing("Bearer ", with: "") ?? ""
        guard tokens.contains(token) else {
            return refusal(401, ["statusCode": 401, "message": "Invalid JWT"])
        }
        let isConversation = call.path.hasPrefix("/conversations")
        guard call.headers["version"] == (isConversation ? "2021-04-15" : "2021-07-28") else {
            return refusal(401, ["statusCode": 401, "message": "version header is invalid."])
        }
        let parts = call.path.split(separator: "/").map(String.init)
        switch (call.method, parts.first, parts.dropFirst().first) {
        case ("GET", "locations", _):
            return reply(["location": ["id": .string(HighLevelDouble.location), "name": "Iron Temple"]])
        case ("POST", "contacts", "search"): return search(body)
        case ("GET", "contacts", "search"): return duplicate(query)
        case ("POST", "contacts", nil): return create(body)
        case (_, "contacts", let id?): return contact(call.method, id, body)
        case ("GET", "opportunities", "search"): return opportunities(query)
        case ("POST", "opportunities", nil):
            let id = makeOpportunity(body)
            return reply(["opportunity": .object(opportunities[id] ?? JSONObject())], status: 201)
        case (_, "opportunities", let id?): return opportunity(call.method, id, body)
        case ("GET", "conversations", "search"): return conversations(query)
        case ("POST", "conversations", "messages"): return send(body)
        case ("GET", "conversations", let id?): return conversation(id)
        default: return refusal(404, ["statusCode": 404, "message": "Cannot \(call.method) \(call.path)".json])
        }
    }

    private func reply(_ json: JSONValue, status: Int = 200) -> Reply { Reply(status: status, body: json.description) }
    private func refusal(_ status: Int, _ json: JSONValue) -> Reply { Reply(status: status, body: json.description) }

    // MARK: Contacts

    /// Puts members into a contact as HighLevel would keep them.
    mutating func put(_ members: JSONObject, into id: String) {
        var contact =
            contacts[id] ?? [
                "id": .string(id), "locationId": .string(HighLevelDouble.location), "tags": [],
                "dateAdded": .string(Timestamp.string(from: now)),
            ]
        for (member, value) in members {
            switch member {
            case "locationId": continue
            case "tags": contact[member] = .array((value.array ?? []).map { ($0.string ?? "").lowercased().json })
            case "email": contact[member] = value.isNull ? nil : (value.string ?? "").lowercased().json
            case "phone": contact[member] = value.isNull ? nil : value
            case "dndSettings":
                contact[member] = (contact[member] ?? [:]).merging(patch: value)
            case "customFields":
                var fields = contact[member]?.array ?? []
                for entry in value.array ?? [] {
                    fields.removeAll { $0["id"] == entry["id"] }
                    fields.append([
                        "id": entry["id"] ?? .null, "value": entry["field_value"] ?? entry["value"] ?? .null,
                    ])
                }
                contact[member] = .array(fields)
            default: contact[member] = value.isNull || value == "" ? nil : value
            }
        }
        contact["dateUpdated"] = .string(Timestamp.string(from: now))
        contacts[id] = contact
    }

    private func other(with members: JSONObject, than id: String?) -> (id: String, field: String)? {
        for field in ["email", "phone"] {
            guard let value = members[field]?.string?.lowercased(), !value.isEmpty else { continue }
            let found = contacts.sorted { $0.key < $1.key }.first {
                $0.key != id && $0.value[field]?.string?.lowercased() == value
            }
            if let found { return (found.key, field) }
        }
        return nil
    }

    private func refuseDuplicate(_ other: (id: String, field: String)) -> Reply {
        refusal(
            400,
            [
                "statusCode": 400, "message": "This location does not allow duplicated contacts.",
                "meta": ["contactId": .string(other.id), "matchingField": .string(other.field)],
            ])
    }

    private func problem(_ body: JSONObject) -> Reply? {
        if let email = body["email"]?.string, !email.contains("@") {
            return refusal(
                422, ["statusCode": 422, "message": ["email must be an email"], "error": "Unprocessable Entity"])
        }
        return nil
    }

    private mutating func create(_ body: JSONObject) -> Reply {
        guard body["locationId"]?.string == HighLevelDouble.location else {
            return refusal(403, ["statusCode": 403, "message": "The token does not have access to this location."])
        }
        if let problem = problem(body) { return problem }
        if let other = other(with: body, than: nil) { return refuseDuplicate(other) }
        made += 1
        let id = String(format: "con%017d", made)
        put(body, into: id)
        return reply(["contact": .object(contacts[id] ?? JSONObject())], status: 201)
    }

    private mutating func contact(_ method: String, _ id: String, _ body: JSONObject) -> Reply {
        guard let known = contacts[id] else {
            return refusal(400, ["statusCode": 400, "message": "Contact with id \(id) not found".json])
        }
        switch method {
        case "GET": return reply(["contact": .object(known)])
        case "PUT":
            if let problem = problem(body) { return problem }
            if let other = other(with: body, than: id) { return refuseDuplicate(other) }
            put(body, into: id)
            return reply(["succeded": true, "contact": .object(contacts[id] ?? known)])
        case "DELETE":
            contacts[id] = nil
            return reply(["succeded": true])
        default: return refusal(404, ["statusCode": 404, "message": "Cannot do that"])
        }
    }

    private func duplicate(_ query: [String: String]) -> Reply {
        var members = JSONObject()
        members["email"] = query["email"]?.json
        members["phone"] = query["number"]?.json
        guard let found = other(with: members, than: nil), let contact = contacts[found.id] else {
            return reply(["contact": .null])
        }
        return reply(["contact": .object(contact)])
    }

    private func search(_ body: JSONObject) -> Reply {
        let limit = body["pageLimit"]?.int ?? 20
        let since = body["filters"]?[0]?["value"]?["gte"]?.string ?? ""
        let place = body["searchAfter"]
        let words = body["query"]?.string?.lowercased()
        let sorted = contacts.values.map { contact in
            (contact["dateUpdated"]?.string ?? "", contact["id"]?.string ?? "", contact)
        }.sorted { ($0.0, $0.1) < ($1.0, $1.1) }
        let found = sorted.filter { at, id, contact in
            let isBehind = place.map { (at, id) > ($0[0]?.string ?? "", $0[1]?.string ?? "") } ?? true
            return at >= since && isBehind
                && (words.map { JSONValue.object(contact).description.lowercased().contains($0) } ?? true)
        }
        let entries = found.prefix(limit).map { at, id, contact -> JSONValue in
            var entry = contact
            entry["searchAfter"] = [.string(at), .string(id)]
            if hasLowerCaseNamesOnly {
                for name in ["firstName", "lastName"] {
                    entry["\(name)LowerCase"] = entry[name]?.string.map { .string($0.lowercased()) }
                    entry[name] = nil
                }
            }
            return .object(entry)
        }
        return reply(["contacts": .array(entries), "total": .int(Int64(contacts.count)), "traceId": "t"])
    }
}

extension HighLevelDouble.State {
    // MARK: Opportunities

    mutating func makeOpportunity(_ members: JSONObject) -> String {
        made += 1
        let id = String(format: "opp%017d", made)
        putOpportunity(members, into: id)
        return id
    }

    mutating func putOpportunity(_ members: JSONObject, into id: String) {
        var opportunity = opportunities[id] ?? ["id": .string(id), "status": "open"]
        for (member, value) in members { opportunity[member] = value }
        opportunity["updatedAt"] = .string(Timestamp.string(from: now))
        opportunities[id] = opportunity
    }

    private func opportunities(_ query: [String: String]) -> Reply {
        let limit = Int(query["limit"] ?? "") ?? 20
        let wanted = opportunities.sorted { $0.key < $1.key }.filter { id, opportunity in
            (query["contact_id"].map { opportunity["contactId"]?.string == $0 } ?? true)
                && id > (query["startAfterId"] ?? "")
        }
        let page = wanted.prefix(limit)
        var meta: JSONObject = ["total": .int(Int64(opportunities.count))]
        if let last = page.last {
            meta["startAfterId"] = .string(last.key)
            meta["startAfter"] = 1_628_008_053_263
        }
        return reply(["opportunities": .array(page.map { .object($0.value) }), "meta": .object(meta)])
    }

    private mutating func opportunity(_ method: String, _ id: String, _ body: JSONObject) -> Reply {
        guard opportunities[id] != nil else { return refusal(404, ["statusCode": 404, "message": "not there"]) }
        if method == "PUT" { putOpportunity(body, into: id) }
        return reply(["opportunity": .object(opportunities[id] ?? JSONObject())])
    }

    // MARK: Conversations

    private func conversations(_ query: [String: String]) -> Reply {
        guard let contact = query["contactId"], messages[contact] != nil else {
            return reply(["conversations": [], "total": 0])
        }
        return reply(["conversations": [["id": .string(contact), "contactId": .string(contact)]], "total": 1])
    }

    private func conversation(_ id: String) -> Reply {
        let list = (messages[id] ?? []).map { JSONValue.object($0) }
        return reply(["messages": ["lastMessageId": "x", "nextPage": false, "messages": .array(list)]])
    }

    private mutating func send(_ body: JSONObject) -> Reply {
        guard let contact = body["contactId"]?.string, contacts[contact] != nil else {
            return refusal(400, ["statusCode": 400, "message": "Contact not found"])
        }
        made += 1
        let id = String(format: "msg%017d", made)
        let type = body["type"]?.string ?? ""
        messages[contact, default: []].append([
            "id": .string(id), "messageType": .string("TYPE_\(type.uppercased())"), "direction": "outbound",
            "body": body["message"] ?? .null, "subject": body["subject"] ?? .null,
            "dateAdded": .string(Timestamp.string(from: now)),
        ])
        return reply(["conversationId": .string(contact), "messageId": .string(id)], status: 201)
    }
}

extension String {
    fileprivate var json: JSONValue { .string(self) }
}
