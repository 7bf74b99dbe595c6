import SpotterDomain

/// Finds contacts in a connected CRM.
struct CRMSearchContacts: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let query: String
        let limit: Int?
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_search_contacts"
    let summary = """
        Find contacts in the gym's connected CRM by parts of a name, an e-mail address or a phone number. Answers the \
        CRM's ids, which the other crm_ tools take. The gym's own records are found with search_clients and search_leads.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.read
    let effect = ToolEffect.none
    let yieldsUntrustedText = true

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (_, crm) = try desk.open(arguments.connector, in: context.scope)
        let found = try await desk.ask {
            try await crm.searchContacts(arguments.query, limit: arguments.limit ?? 10)
        }
        let sentence = found.isEmpty ? "No contact of the CRM matches." : "\(found.count) contacts of the CRM match."
        return ["summary": .string(sentence), "contacts": .array(found.map(\.row))]
    }
}

extension CRMSearchContacts.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "query": Field("A part of a name, an e-mail address or a phone number.", length: 1...75),
        "limit": Field("How many at most; 10 without it.", range: 1...20),
        "connector": ConnectorArguments.connector,
    ]
}

/// Reads one contact of a connected CRM, with whom it is here.
struct CRMGetContact: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let contactId: String
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_get_contact"
    let summary = """
        Read one contact of the gym's connected CRM: name, address, number, tags, which messages they refuse, and the \
        gym's own member or lead that it is linked with.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.read
    let effect = ToolEffect.none
    let yieldsUntrustedText = true

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (connector, crm) = try desk.open(arguments.connector, in: context.scope)
        let contact = try await desk.ask { try await crm.contact(arguments.contactId) }
        let links = try await desk.store.links(connector.id, .contact, remote: [contact.id], in: context.scope)
        var answer: JSONObject = ["summary": "The contact as the CRM has it.", "contact": contact.row]
        answer["linked_with"] = links.first { $0.state == .linked }.map { .string($0.person.id) }
        return .object(answer)
    }
}

extension CRMGetContact.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "contact_id": ConnectorArguments.contact, "connector": ConnectorArguments.connector,
    ]
}

/// Changes or makes a contact in a connected CRM.
struct CRMUpsertContact: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let contactId: String?
        let name: String?
        let email: String?
        let phone: String?
        let tags: [String]?
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_upsert_contact"
    let summary = """
        Change a contact of the gym's connected CRM, or make one. With contact_id that contact is changed; without it the \
        one with this e-mail address or phone number, and where there is none a new one is made. Tags replace all there are.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.write
    /// The contact is found by its address or number before one is made: doing it again changes nothing.
    let effect = ToolEffect.idempotent

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (connector, crm) = try desk.open(arguments.connector, in: context.scope)
        guard arguments.contactId != nil || arguments.email != nil || arguments.phone != nil else {
            throw ToolFailure("Give contact_id, or an e-mail address or a phone number that the contact is found by.")
        }
        var change = CRMContactChange()
        change.name = arguments.name
        change.email = arguments.email
        change.phone = arguments.phone.map { PhoneNumber($0, countryCode: connector.countryCode)?.description ?? $0 }
        change.tags = arguments.tags
        let known = try await desk.ask { () async throws -> CRMContact? in
            if let id = arguments.contactId { return try await crm.contact(id) }
            return try await crm.findContact(email: change.email, phone: change.phone)
        }
        guard !context.isDryRun else {
            let sentence = known == nil ? "A contact would be made." : "The contact would be changed."
            return ["summary": .string(sentence), "dry_run": true]
        }
        let order = change
        let written = try await desk.ask { () async throws -> CRMContact in
            if let known { return try await crm.updateContact(known.id, order) }
            do {
                return try await crm.createContact(order)
            } catch CRMError.duplicate(let id?) { return try await crm.updateContact(id, order) }
        }
        try await desk.store.request(connector.id, isFull: false, contact: written.id, in: context.scope)
        desk.onRequest()
        let sentence = known == nil ? "The CRM has a new contact." : "The contact was changed in the CRM."
        return ["summary": .string(sentence), "contact": written.row]
    }
}

extension CRMUpsertContact.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "contact_id": ConnectorArguments.contact,
        "name": Field("First and last name of the person.", length: 1...200),
        "email": Field("The e-mail address of the person.", length: 3...254),
        "phone": Field("The phone number of the person, with its country.", length: 3...40),
        "tags": Field("All labels that the contact is to have.", count: 0...50),
        "connector": ConnectorArguments.connector,
    ]
}

/// Brings one contact of a connected CRM and the gym's records together at once.
struct CRMRefreshContact: ConnectorTool {
    struct Arguments: Codable, Sendable {
        let contactId: String
        let connector: String?
    }

    let desk: ConnectorDesk
    let name = "crm_refresh_contact"
    let summary = """
        Bring one contact of the gym's connected CRM and the gym's own records together as soon as may be, instead of at \
        the next regular run: for when the CRM has just told that the contact changed.
        """
    let category = ToolCategory.crm
    let access = ToolAccess.write
    let effect = ToolEffect.idempotent

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let (connector, _) = try desk.open(arguments.connector, in: context.scope)
        guard !context.isDryRun else { return ["summary": "A run would be asked for.", "dry_run": true] }
        try await desk.store.request(connector.id, isFull: false, contact: arguments.contactId, in: context.scope)
        desk.onRequest()
        return ["summary": "The contact is looked at within seconds."]
    }
}

extension CRMRefreshContact.Arguments: FieldsDescribed {
    static let fields: [String: Field] = [
        "contact_id": ConnectorArguments.contact, "connector": ConnectorArguments.connector,
    ]
}
