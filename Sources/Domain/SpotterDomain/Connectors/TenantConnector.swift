/// A connector to a CRM as an organisation's file sets it up: never its token.
public struct TenantConnector: Sendable, Codable, Hashable, FieldsDescribed {
    /// Which CRM.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case highlevel
    }

    /// What goes to and fro.
    public enum Subject: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case contacts, opportunities, conversations
    }

    /// What people here a contact can be.
    public enum Records: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case clients, leads
    }

    /// What becomes of a contact that nobody here is.
    public enum Newcomers: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case leads, clients, ignore
    }

    /// What follows when one side has deleted somebody.
    public enum Deletions: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case keep, delete
    }

    /// What people call it; nil means as its kind.
    public var id: String?
    /// Which CRM.
    public var kind: Kind
    /// The account there.
    public var locationId: String
    /// `env:NAME` or `file:PATH`; nil means the sealed secret `connector:ID`.
    public var token: String?
    /// A server that speaks the same, in place of the CRM's own.
    public var baseUrl: String?
    /// Which way records go; nil means both.
    public var direction: SyncDirection?
    /// What goes to and fro; nil means contacts.
    public var sync: [Subject]?
    /// Who is compared with contacts; nil means clients and leads.
    public var records: [Records]?
    /// What becomes of contacts that nobody here is; nil means leads.
    public var newContacts: Newcomers?
    /// The pipeline that leads go through.
    public var pipelineId: String?
    /// The stage of the pipeline for a lead's status.
    public var stages: [String: String]?
    /// The CRM's field for an entry of the records' metadata.
    public var customFields: [String: String]?
    /// Whose value counts where both have changed the same; nil means the newest.
    public var conflicts: SyncConflictPolicy?
    /// What follows when one side has deleted somebody; nil means that the other keeps them.
    public var deletions: Deletions?
    /// Minutes between two runs; nil means 15, and 0 only when asked.
    public var pollMinutes: Int?

    /// A connector; whatever may be left out is nil.
    public init(
        id: String? = nil, kind: Kind, locationId: String, token: String? = nil, baseUrl: String? = nil,
        direction: SyncDirection? = nil, sync: [Subject]? = nil, records: [Records]? = nil,
        newContacts: Newcomers? = nil, pipelineId: String? = nil, stages: [String: String]? = nil,
        customFields: [String: String]? = nil, conflicts: SyncConflictPolicy? = nil, deletions: Deletions? = nil,
        pollMinutes: Int? = nil
    ) {
        self.id = id
        self.kind = kind
        self.locationId = locationId
        self.token = token
        self.baseUrl = baseUrl
        self.direction = direction
        self.sync = sync
        self.records = records
        self.newContacts = newContacts
        self.pipelineId = pipelineId
        self.stages = stages
        self.customFields = customFields
        self.conflicts = conflicts
        self.deletions = deletions
        self.pollMinutes = pollMinutes
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "id": Field(
            "What people call it; as its kind without it.", length: 1...40, pattern: "^[a-z0-9][a-z0-9-]*$",
            example: "front-office"),
        "kind": Field("Which CRM."),
        "location_id": Field(
            "The account at the CRM: HighLevel's id of the location.", length: 1...64, pattern: "^[A-Za-z0-9_-]+$",
            example: "ve9EPM428h8vShlRW1KT"),
        "token": Field(
            "`env:NAME` or `file:PATH` of the private integration token; the sealed secret `connector:ID` without it.",
            pattern: SecretReference.pattern, example: "env:HIGHLEVEL_TOKEN"),
        "base_url": Field("A server that speaks the same, in place of the CRM's own.", length: 8...300),
        "direction": Field("pull, push or both; both without it."),
        "sync": Field("What goes to and fro; contacts without it.", count: 1...3, example: ["contacts"]),
        "records": Field("Who is compared with contacts; clients and leads without it.", count: 1...2),
        "new_contacts": Field("What becomes of contacts that nobody here is; leads without it."),
        "pipeline_id": Field(
            "The pipeline that leads go through.", length: 1...64, pattern: "^[A-Za-z0-9_-]+$"),
        "stages": Field("The stage of the pipeline for a lead's status: `new: STAGE_ID`."),
        "custom_fields": Field("The CRM's field for an entry of the records' metadata: `membership: FIELD_ID`."),
        "conflicts": Field("Whose value counts where both sides changed the same; the newest without it."),
        "deletions": Field("What follows when one side has deleted somebody; the other keeps them without it."),
        "poll_minutes": Field("Minutes between two runs; 15 without it, 0 runs only when asked.", range: 0...1_440),
    ]
}

extension TenantConnector {
    /// What people call it.
    public var name: String { id ?? kind.rawValue }
    /// Which way records go.
    public var way: SyncDirection { direction ?? .both }
    /// What goes to and fro.
    public var subjects: Set<Subject> { Set(sync ?? [.contacts]) }
    /// Who is compared with contacts.
    public var people: Set<Records> { Set(records ?? [.clients, .leads]) }
    /// What becomes of contacts that nobody here is.
    public var newcomers: Newcomers { newContacts ?? .leads }
    /// Seconds between two runs; nil where it runs only when asked.
    public var interval: Int? { pollMinutes == 0 ? nil : (pollMinutes ?? 15) * 60 }
    /// The sealed secret that the token is, where no reference is given.
    public var secretName: SecretName? { SecretName("connector:\(name)") }

    /// What is compared of contacts.
    public var contactFields: [SyncField] {
        [.name, .email, .phone, .tags, .blocked(.email), .blocked(.sms)]
            + (customFields ?? [:]).keys.sorted().map { .custom($0) }
    }

    /// The status that a stage stands for.
    public func status(ofStage stage: String) -> LeadStatus? {
        (stages ?? [:]).sorted { $0.key < $1.key }.first { $0.value == stage }.flatMap { LeadStatus(rawValue: $0.key) }
    }

    /// What the schema cannot say. No message repeats what may be a secret.
    func issues(at pointer: String) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        func add(_ member: String, _ message: String) {
            issues.append(FieldIssue(pointer: "\(pointer)/\(member)", message: message))
        }
        if let token, SecretReference(token) == nil {
            add("token", "must be env:NAME or file:PATH; the token itself never belongs in this file")
        }
        if let baseUrl, !TenantDefinition.isServerAddress(baseUrl) {
            add("base_url", "must be an http or https address without user, password, query or fragment")
        }
        for (member, words) in [
            ("sync", (sync ?? []).map(\.rawValue)), ("records", (records ?? []).map(\.rawValue)),
        ] {
            for (index, word) in words.enumerated() where words[..<index].contains(word) {
                add("\(member)/\(index)", "stands there twice")
            }
        }
        return issues + stageIssues(at: pointer) + customFieldIssues(at: pointer)
    }

    private func stageIssues(at pointer: String) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if subjects.contains(.opportunities), pipelineId == nil {
            issues.append(
                FieldIssue(pointer: "\(pointer)/pipeline_id", message: "is required where opportunities are synced"))
        }
        let known = LeadStatus.allCases.map(\.rawValue)
        var seen: Set<String> = []
        for (status, stage) in (stages ?? [:]).sorted(by: { $0.key < $1.key }) {
            let place = "\(pointer)/stages/\(JSONSchema.escape(status))"
            if !known.contains(status) {
                let hint = DidYouMean.hint(for: status, among: known)
                issues.append(
                    FieldIssue(
                        pointer: place, message: "must be a lead's status (\(known.joined(separator: ", ")))\(hint)"))
            }
            if !(1...64).contains(stage.count) || !seen.insert(stage).inserted {
                issues.append(FieldIssue(pointer: place, message: "must be a stage's id that no other status has"))
            }
        }
        return issues
    }

    private func customFieldIssues(at pointer: String) -> [FieldIssue] {
        var seen: Set<String> = []
        return (customFields ?? [:]).sorted { $0.key < $1.key }.compactMap { key, field in
            guard (1...64).contains(key.count), (1...64).contains(field.count), seen.insert(field).inserted else {
                return FieldIssue(
                    pointer: "\(pointer)/custom_fields/\(JSONSchema.escape(key))",
                    message: "must be a field's id that no other entry has, of 1 to 64 characters")
            }
            return nil
        }
    }
}

extension [TenantConnector] {
    /// What the schema cannot say of each, and that no two are called the same.
    func issues(at pointer: String) -> [FieldIssue] {
        enumerated().flatMap { index, connector -> [FieldIssue] in
            let place = "\(pointer)/\(index)"
            var issues = connector.issues(at: place)
            if self[..<index].contains(where: { $0.name == connector.name }) {
                issues.append(
                    FieldIssue(pointer: "\(place)/id", message: "must be given, and not that of a connector before"))
            }
            return issues
        }
    }
}

extension TenantConnector {
    /// The status that an opportunity stands for; empty where its stage stands for none.
    public func status(of opportunity: CRMOpportunity) -> String {
        switch opportunity.status {
        case .won: LeadStatus.won.rawValue
        case .lost, .abandoned: LeadStatus.lost.rawValue
        case .open: status(ofStage: opportunity.stageId)?.rawValue ?? ""
        }
    }

    /// What an opportunity is to be for a status; nil where the pipeline has nothing for it.
    public func change(for status: LeadStatus) -> CRMOpportunityChange? {
        var change = CRMOpportunityChange()
        change.pipelineId = pipelineId
        change.stageId = stages?[status.rawValue]
        switch status {
        case .won: change.status = .won
        case .lost: change.status = .lost
        default:
            guard change.stageId != nil else { return nil }
            change.status = .open
        }
        return change
    }
}
