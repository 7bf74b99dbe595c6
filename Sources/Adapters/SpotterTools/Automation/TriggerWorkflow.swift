public import SpotterDomain

/// Starts a procedure that the gym has set up.
public struct TriggerWorkflow: Tool {
    /// Which, and on what.
    public struct Arguments: Codable, Sendable {
        let workflow: String
        let input: [String: JSONValue]?
    }

    private let starter: any WorkflowStarter

    /// A tool over what can be started.
    public init(starter: any WorkflowStarter) { self.starter = starter }

    /// `trigger_workflow`
    public let name = "trigger_workflow"
    /// What a model is told.
    public let summary = """
        Start a procedure that the gym has set up, by its name or id, now and once, perhaps with input. What can be \
        started are the gym's workflows and tasks; a wrong name answers the list of those there are. It runs by itself: \
        you get the execution_id, not its result. It never makes a new procedure; schedule_task does that.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// The same key is the same run.
    public let effect = ToolEffect.keyed

    /// Starts it, or says what there is.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let all = try await starter.startable(in: context.scope)
        let wanted = FoldedText.fold(arguments.workflow)
        let matches = all.filter { $0.id == arguments.workflow || FoldedText.fold($0.name) == wanted }
        guard let workflow = matches.first else { throw ToolFailure(Self.nothing(arguments.workflow, all)) }
        guard matches.count == 1 else {
            let list = matches.map { "\($0.id) (\($0.kind))" }.joined(separator: ", ")
            throw ToolFailure("Several are called \(workflow.name). Give the id of one: \(list).")
        }
        var input: JSONObject?
        for (key, value) in (arguments.input ?? [:]).sorted(by: { $0.key < $1.key }) {
            input = input ?? JSONObject()
            input?[key] = value
        }
        let run: ExecutionID?
        do {
            run = try await starter.start(
                workflow, input: input.map { .object($0) }, origin: context.caller.origin, key: context.effectKey,
                isDryRun: context.isDryRun, at: context.now, in: context.scope)
        } catch let error as SpotterError where error.code == .limitReached {
            throw ToolFailure(error.message)
        } catch let error as SpotterError where [.invalid, .unprocessable].contains(error.code) {
            throw ToolFailure(
                "\(workflow.name) cannot be started: "
                    + error.issues.map { "its \($0.pointer.dropFirst()) \($0.message)" }.joined(separator: "; ") + ".")
        }
        var row = ToolRow()
        row.set(
            "summary",
            run == nil
                ? "Nothing was started. \(workflow.name) could be." : "\(workflow.name) is started; it runs by itself.")
        if context.isDryRun { row.set("dry_run", true) }
        row.set("workflow_id", workflow.id)
        row.set("name", workflow.name)
        row.set("kind", workflow.kind)
        row.set("execution_id", run)
        return row.json
    }

    private static func nothing(_ wanted: String, _ all: [StartableWorkflow]) -> String {
        guard !all.isEmpty else {
            return "Nothing is set up at this gym that could be started. schedule_task makes a task."
        }
        let hint = DidYouMean.hint(for: wanted, among: all.map(\.name))
        let problem = DidYouMean.sentence("There is no workflow or task \"\(wanted.prefix(60))\"\(hint)")
        let list = all.prefix(30).map { "\($0.name) (\($0.kind) \($0.id))" }.joined(separator: "; ")
        return "\(problem) What can be started: \(list)."
    }
}

extension TriggerWorkflow.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "workflow": Field("The name or id of what is started.", length: 1...200, example: "Session cancelled"),
        "input": Field("What it works on, in place of its own input: an object."),
    ]
}
