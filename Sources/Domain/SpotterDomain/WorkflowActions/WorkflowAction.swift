public import Foundation

/// What a CRM's workflow has an agent do.
public struct WorkflowAction: Sendable, Codable, Hashable, FieldsDescribed {
    /// What is done.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case executeTask = "execute_ai_agent_task"
        /// Answers with a JSON object.
        case analysis = "ai_agent_analysis"
        case generateContent = "ai_agent_generate_content"
    }

    /// What is done.
    public var action: Kind
    /// Who does it.
    public var agentId: AgentID
    /// The CRM's own name of the workflow.
    public var workflowId: String
    /// What is asked: a template over the members of the context.
    public var prompt: String
    /// What the workflow knows: an object.
    public var context: JSONValue?
    /// What the answer of an analysis holds, as JSON Schema.
    public var schema: JSONValue?

    /// An action.
    public init(
        _ action: Kind, by agent: AgentID, workflow: String, prompt: String, context: JSONValue? = nil,
        schema: JSONValue? = nil
    ) {
        self.action = action
        agentId = agent
        workflowId = workflow
        self.prompt = prompt
        self.context = context
        self.schema = schema
    }

    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "action": Field("What is done; an analysis answers with a JSON object."),
        "agent_id": Field("Who does it."),
        "workflow_id": Field(
            "The CRM's own name of the workflow: what it costs is put on its account.", length: 1...200),
        "prompt": Field(
            "What is asked, such as `Write to {{lead.name}}`: {{ expressions }} over the members of the context.",
            length: 1...20_000),
        "context": Field(
            "What the workflow knows: an object, of at most 256 KiB. To the agent it is a stranger's words."),
        "schema": Field(
            "What the answer of an analysis holds, as JSON Schema of an object; sentiment, score and labels unless given."
        ),
    ]

    /// The most bytes of a context.
    public static let longestContext = 256 << 10

    /// What an analysis answers unless it says otherwise.
    public static let usualSchema: JSONValue = [
        "type": "object", "required": ["sentiment", "score", "labels"], "additionalProperties": false,
        "properties": [
            "sentiment": ["type": "string", "enum": ["positive", "neutral", "negative"]],
            "score": ["type": "number", "minimum": 0, "maximum": 1],
            "labels": ["type": "array", "items": ["type": "string"], "maxItems": 20],
        ],
    ]

    /// What the answer must look like; nil where text is wanted.
    public var answerSchema: JSONValue? {
        if let schema { return schema }
        return action == .analysis ? .some(Self.usualSchema) : .none
    }

    /// The prompt with what the context has in place of its expressions: values are put in as they are, and nothing in
    /// them is read as an expression.
    ///
    /// - Throws: `invalid` for what breaks the form; `unprocessable` for a variable that the context does not have, and
    ///   names it.
    public func filledPrompt() throws -> String {
        try check()
        let template: JSONTemplate
        do throws(TemplateIssues) {
            template = try JSONTemplate(checking: .string(prompt))
        } catch {
            throw SpotterError.invalid(
                error.issues.map { FieldIssue(pointer: "/prompt" + $0.pointer, message: $0.message) })
        }
        var names: [String: JSONValue] = [:]
        for (name, value) in context?.object ?? [:] { names[name] = value }
        var missing: [FieldIssue] = []
        template.eachPlaceholder { _, placeholder in
            let name = placeholder.expression.description
            guard let value = try? placeholder.expression.evaluate(in: ExpressionScope(names)), !value.isNull else {
                missing.append(
                    FieldIssue(pointer: "/prompt", message: "names {{\(name)}}, which the context does not have"))
                return
            }
        }
        guard missing.isEmpty else { throw SpotterError.invalid(missing).unprocessable }
        do {
            let value = try template.evaluate(in: ExpressionScope(names))
            return value.string ?? value.description
        } catch {
            throw SpotterError.invalid("/prompt", "\(error)").unprocessable
        }
    }

    private func check() throws {
        var issues: [FieldIssue] = []
        if workflowId.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            issues.append(FieldIssue(pointer: "/workflow_id", message: "must not hold control characters"))
        }
        if let context {
            if context.object == nil { issues.append(FieldIssue(pointer: "/context", message: "must be an object")) }
            if context.bytes.count > Self.longestContext {
                issues.append(
                    FieldIssue(pointer: "/context", message: "must have at most \(Self.longestContext) bytes"))
            }
        }
        if let schema {
            do {
                _ = try ResponseSchema(name: "answer", schema: JSONSchema(declared: schema))
            } catch let error as SchemaIssues {
                issues += error.issues(at: "/schema")
            } catch let error as SpotterError {
                issues.append(FieldIssue(pointer: "/schema", message: error.issues.first?.message ?? error.message))
            } catch {
                issues.append(FieldIssue(pointer: "/schema", message: "cannot be read"))
            }
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
    }
}

/// A line of the log of what workflows have agents do.
public struct WorkflowActionEntry: Sendable, Hashable {
    /// The run.
    public let execution: ExecutionID
    /// The CRM's own name of the workflow.
    public let workflow: String
    /// What is done.
    public let action: WorkflowAction.Kind
    /// Who does it.
    public let agent: AgentID
    /// How far it is; nil where the run is not kept any more.
    public let state: ExecutionState?
    /// When it was asked for.
    public let createdAt: Date
    /// When it ended.
    public let completedAt: Date?
    /// What the calls of models for it used and cost so far.
    public let sum: UsageSum

    /// A line.
    public init(
        execution: ExecutionID, workflow: String, action: WorkflowAction.Kind, agent: AgentID, state: ExecutionState?,
        createdAt: Date, completedAt: Date?, sum: UsageSum
    ) {
        self.execution = execution
        self.workflow = workflow
        self.action = action
        self.agent = agent
        self.state = state
        self.createdAt = createdAt
        self.completedAt = completedAt
        self.sum = sum
    }
}

/// Where it is kept what workflows of a CRM have agents do.
public protocol WorkflowActionStore: Sendable {
    /// The id under which a workflow of a CRM is accounted for: `new` where it has none yet. The same ever after.
    func workflow(named name: String, new: UUID, in scope: OrganizationScope) async throws -> UUID
    /// The id of one that is known; nil for any other.
    func workflow(named name: String, in scope: OrganizationScope) async throws -> UUID?
    /// Queues a run and notes what it is for, in one transaction. Throws `ReceiptExists`.
    func start(
        _ execution: Execution, _ action: WorkflowAction, for workflow: UUID, receipt: Receipt?,
        in scope: OrganizationScope
    ) async throws
    /// Newest first; of one workflow, or of all.
    func list(
        workflow: String?, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<WorkflowActionEntry>
}
