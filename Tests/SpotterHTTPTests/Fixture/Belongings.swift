import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterTesting

@testable import SpotterHTTP

/// What an organisation has, made through the API: one of each thing that a path can name.
struct Belongings: Sendable {
    let agent: String
    let conversation: String
    /// What the agent answered in it.
    let message: String
    var execution: String
    var step: String
    let task: String
    let workflow: String
    let trigger: String
    var hook: String
    let connector: String
    let delivery: String
    let session: String
    let token: String
    let budget: String
    let line: String
    let approval: String
    var mail: String
    let notice: String
    let document: String
    let contract: String
    let agentMessage: String
    let alert: String
    /// The gym's records, by what stands for their ids in a path.
    let records: [String: String]

    /// Has a chat in the organisation of `tenant`.
    init(of tenant: Tenant, in api: TestAPI) async throws {
        let agent = try await tenant.home.agent(named: "\(tenant.home.organization.name) desk", role: "desk")
        let conversation = try await tenant.home.conversation(
            with: agent, title: "\(tenant.home.organization.name) chat")
        let turn = try await api.send(
            .post, "/v1/conversations/\(conversation.id)/messages",
            ["content": .string("Hello from \(tenant.home.organization.name)")], token: tenant.token)
        guard turn.status == 200, let execution = turn["execution_id"]?.string else {
            throw SpotterError(.internal, "no turn: \(turn.status) \(turn.text)")
        }
        let record = Tenant.record(tenant.home, role: .staff, name: "\(tenant.home.organization.name) staff")
        try await api.stores.tokens.create(record, receipt: nil, in: tenant.scope)
        self.agent = agent.id.description
        self.conversation = conversation.id.description
        message = turn["message"]?["id"]?.string ?? ""
        self.execution = execution
        let journal = try await api.stores.executions.journal(
            of: ExecutionID(execution) ?? tenant.home.id(), in: tenant.scope)
        step = journal.steps.first?.id.description ?? ""
        // Its schedule fired long ago, and nobody looked: the fire was skipped.
        var task = tenant.home.draftTask(
            "\(tenant.home.organization.name) report", for: agent,
            schedule: ScheduleRule(cron: "0 0 1 1 *").resolved(timezone: "UTC"))
        task.nextFireAt = Date(timeIntervalSince1970: 1_735_689_600)
        _ = try await api.stores.tasks.create(task, start: nil, receipt: { _ in nil }, in: tenant.scope)
        let planner = FirePlanner(ids: RandomIDGenerator())
        _ = try await api.stores.fires.fire([task.id], in: tenant.scope) {
            try planner.plan($0, agents: $1, at: $2)
        }
        // A run that nobody takes up in the meantime.
        try await tenant.home.start(task, by: agent, at: Date().addingTimeInterval(86_400))
        self.task = task.id.description
        let now = Date()
        _ = try await api.stores.memory.put(
            MemoryEntry(
                id: tenant.home.id(), scope: .organization, key: "front_desk.note", value: ["shift": "late"],
                createdAt: now, updatedAt: now), version: nil, in: tenant.scope)
        token = record.id.description
        budget = try await tenant.home.budget(.task(task.id), limit: 1_000).id.description
        let spent = tenant.home.line(tenant.home.charge(), of: journal.execution, step: tenant.home.id())
        try await api.stores.ledger.correct(spent, in: tenant.scope)
        line = spent.id.description
        approval = try await tenant.home.askedApproval().id.description
        let person = tenant.home.client("Ana of \(tenant.home.organization.name)", email: "ana@example.com")
        try await api.stores.clients.add([person], in: tenant.scope)
        let sent = tenant.home.mail(to: person, status: .held)
        _ = try await api.stores.outbox.enqueue([OutboxDraft(sent, key: "held")], in: tenant.scope)
        mail = sent.id.description
        let told = StaffNotice(
            id: tenant.home.id(), staffId: nil, role: nil, title: "\(tenant.home.organization.name) door", body: "Open",
            level: .info, sentBy: "test", createdAt: now)
        notice = try await api.stores.desk.notify(told, key: nil, in: tenant.scope).id.description
        let file = Document(
            id: tenant.home.id(), name: "clients.csv", contentType: "text/csv; charset=utf-8",
            content: Array("name\r\nAnna\r\n".utf8), by: "desk", createdAt: now)
        workflow = try await tenant.home.workflow(
            named: "\(tenant.home.organization.name) follow-up"
        ).id.description
        trigger = try await tenant.home.trigger("\(tenant.home.organization.name) leads").id.description
        session = try await tenant.home.session(about: tenant.home.organization.name).id.description
        document = try await api.stores.documents.keep(file, key: "export", in: tenant.scope).description
        let way = try await tenant.home.hook(
            named: "\(tenant.home.organization.name) leads",
            HookAction(kind: .agentMessage, agentId: agent.id, content: "New: {{ payload.name }}"))
        let came = tenant.home.delivery(to: way, key: "id:1", payload: ["name": .string(tenant.home.organization.name)])
        _ = try await api.stores.hooks.accept(came, starting: nil, receipt: nil, in: tenant.scope)
        (hook, delivery) = (way.id.description, came.id.description)
        _ = try await tenant.home.workflowAction(by: agent, workflow: tenant.home.organization.name)
        let call = try await tenant.home.begunCall()
        let order = CallOrder(
            capability: "support", parameters: ["content": .string(tenant.home.organization.name)],
            writeContracts: true)
        let wish = tenant.home.wish(call, agent, order: order)
        _ = try await api.stores.routing.reserve(wish, in: tenant.scope)
        contract = wish.contracts?.request.description ?? ""
        let note = AgentMessage(
            id: tenant.home.id(), fromAgentId: agent.id, toAgentId: agent.id, topic: "note",
            content: .string(tenant.home.organization.name), createdAt: now)
        agentMessage = try await api.stores.agentMessages.send(note, key: "note", in: tenant.scope).id.description
        alert = try await tenant.home.firingAlert("\(tenant.home.organization.name) errors").id.description
        connector = TestConnectors.name(in: tenant.scope)
        let act = AuditDraft(
            id: tenant.home.id(), actor: AuditActor(.token, id: token, role: .owner), action: "createAgent",
            resource: agent.id.description)
        try await api.stores.audit.note(act, in: tenant.scope)
        records = try await GymBelongings.make(in: tenant.home)
        for person in records.values.compactMap(MessagePerson.init) where person.staffID == nil {
            let consent = Consent(
                id: tenant.home.id(), clientId: person.clientID, leadId: person.leadID, channel: .email,
                purpose: .marketing, isGranted: true, source: .form, recordedAt: now)
            try await api.stores.contacts.record([consent], in: tenant.scope)
        }
    }

    private init(
        agent: String, conversation: String, message: String, execution: String, step: String, task: String,
        workflow: String, trigger: String, hook: String, delivery: String, session: String,
        token: String, budget: String, line: String, approval: String, mail: String, notice: String, document: String,
        contract: String, agentMessage: String, alert: String, connector: String, records: [String: String]
    ) {
        (self.contract, self.agentMessage, self.alert) = (contract, agentMessage, alert)
        self.connector = connector
        self.approval = approval
        (self.mail, self.notice) = (mail, notice)
        self.document = document
        self.workflow = workflow
        self.trigger = trigger
        (self.hook, self.delivery) = (hook, delivery)
        self.session = session
        (self.message, self.budget, self.line, self.records) = (message, budget, line, records)
        (self.agent, self.conversation) = (agent, conversation)
        (self.execution, self.step, self.task, self.token) = (execution, step, task, token)
    }

    /// Ids of things that never were.
    static func unknown(_ tenant: Tenant) -> Belongings {
        Belongings(
            agent: (tenant.home.id() as AgentID).description,
            conversation: (tenant.home.id() as ConversationID).description,
            message: (tenant.home.id() as MessageID).description,
            execution: (tenant.home.id() as ExecutionID).description,
            step: (tenant.home.id() as StepID).description,
            task: (tenant.home.id() as WorkItemID).description,
            workflow: (tenant.home.id() as WorkflowID).description,
            trigger: (tenant.home.id() as TriggerID).description,
            hook: (tenant.home.id() as HookID).description,
            delivery: (tenant.home.id() as HookDeliveryID).description,
            session: (tenant.home.id() as AgentSessionID).description,
            token: (tenant.home.id() as TokenID).description,
            budget: (tenant.home.id() as BudgetID).description,
            line: (tenant.home.id() as LedgerLineID).description,
            approval: (tenant.home.id() as ApprovalID).description,
            mail: (tenant.home.id() as OutboxID).description,
            notice: (tenant.home.id() as StaffNoticeID).description,
            document: (tenant.home.id() as DocumentID).description,
            contract: (tenant.home.id() as ContractID).description,
            agentMessage: (tenant.home.id() as AgentMessageID).description,
            alert: (tenant.home.id() as AlertID).description, connector: "nobody-s",
            records: GymBelongings.unknown(tenant.home))
    }

    var all: [String] {
        [
            agent, conversation, message, execution, step, task, token, budget, line, approval, mail, notice, document,
            workflow, trigger, hook, delivery, session,
            contract,
            agentMessage, alert,
        ] + records.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What stands for a path parameter. Names that belong to nobody are the same for all. Throws for a parameter that
    /// has nothing here: give it something, so that its routes are walked.
    func value(forParameter name: String) throws -> (text: String, isOwned: Bool) {
        switch name {
        case "agent_id": (agent, true)
        case "conversation_id": (conversation, true)
        case "message_id": (message, true)
        case "execution_id": (execution, true)
        case "step_id": (step, true)
        case "task_id": (task, true)
        case "workflow_id": (workflow, true)
        case "trigger_id": (trigger, true)
        case "hook_id": (hook, true)
        case "delivery_id": (delivery, true)
        case "agent_session_id": (session, true)
        case "token_id": (token, true)
        case "approval_id": (approval, true)
        case "key": ("front_desk.note", false)
        case "budget_id": (budget, true)
        case "outbox_id": (mail, true)
        case "notification_id": (notice, true)
        case "document_id": (document, true)
        case "contract_id": (contract, true)
        case "agent_message_id": (agentMessage, true)
        case "alert_id": (alert, true)
        case "connector_id": (connector, true)
        case "month": ("2020-01", false)
        case "tool_name": ("search_clients", false)
        case "template_name": ("call-back", false)
        case "code": ("not_found", false)
        case _ where records[name] != nil: (records[name] ?? "", true)
        default: throw SpotterError(.internal, "Belongings has nothing for the path parameter \(name).")
        }
    }

    /// The path of `route` with every parameter filled.
    func path(of route: Route) throws -> String {
        try route.segments.map { segment in
            guard segment.hasPrefix("{") else { return "/\(segment)" }
            return try "/" + value(forParameter: String(segment.dropFirst().dropLast())).text
        }.joined()
    }

    /// Whether the path of `route` names something that belongs to an organisation.
    func isOwned(_ route: Route) throws -> Bool {
        try route.pathParameters.contains { try value(forParameter: $0).isOwned }
    }

    /// An id that satisfies a schema of format `typeid`; nil for other schemas.
    func id(for schema: JSONSchema) throws -> String? {
        guard schema.format == "typeid", let pattern = schema.pattern else { return nil }
        let prefix = pattern.dropFirst().prefix { $0 != "[" }
        guard let id = all.first(where: { $0.hasPrefix(prefix) }) else {
            throw SpotterError(.internal, "Belongings has nothing for ids that start with \(prefix).")
        }
        return id
    }

    /// The example of `route` with every id in it replaced, also those that the example leaves out.
    func body(of route: Route) throws -> JSONValue? {
        guard let body = route.body else { return nil }
        guard let example = body.example else {
            throw SpotterError(.internal, "\(route.name) has no example of its body.")
        }
        let filled = try fill(example, body.schema)
        // Of one or the other: which, the example's scope says.
        switch route.name {
        case "compressSession": return filled.merging(patch: ["session_id": .string(conversation)])
        case "putBudget": return filled.merging(patch: ["task_id": nil, "execution_id": nil])
        case "createTrigger", "replaceTrigger": return filled.merging(patch: ["target": ["task_id": nil]])
        case "putConsent": return filled.merging(patch: ["lead_id": nil])
        case "createBooking": return filled.merging(patch: ["lead_id": nil])
        case "replaceBooking": return filled.merging(patch: ["client_id": nil])
        case "updateBooking": return filled.merging(patch: ["client_id": nil])
        case "upsertBookings":
            let rows = filled["records"]?.array ?? []
            return ["records": .array(rows.map { $0.merging(patch: ["client_id": nil]) })]
        default: return filled
        }
    }

    private func fill(_ value: JSONValue, _ schema: JSONSchema) throws -> JSONValue {
        if let id = try id(for: schema) { return .string(id) }
        switch value {
        case .array(let elements):
            guard let element = schema.elements.first else { return value }
            return .array(try elements.map { try fill($0, element) })
        case .object(var object):
            for property in schema.properties {
                if let id = try id(for: property.schema) {
                    object[property.name] = .string(id)
                } else if let member = object[property.name] {
                    object[property.name] = try fill(member, property.schema)
                }
            }
            return .object(object)
        default: return value
        }
    }

    /// Whether a body of `route` holds ids.
    func namesIDs(_ route: Route) throws -> Bool {
        guard let body = try body(of: route) else { return false }
        return all.contains { body.description.contains($0) }
    }
}
