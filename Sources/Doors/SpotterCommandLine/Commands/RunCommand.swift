import Foundation
import SpotterDomain

/// `spotter run`: an agent on its own, followed in the terminal.
struct RunCommand: Command {
    let path = ["run"]
    let summary = "Let an agent work on a task on its own"
    let operands = "TASK"
    let example =
        "spotter run \"Find members who stopped coming\" --organization iron-temple --agent retention-specialist --follow"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "The gym."),
        .option("agent", "NAME", "The agent's name, role or id. Default support-assistant."),
        .option("input", "JSON", "Data to work on: an object."),
        .option("model", "NAME", "In place of the agent's own model."),
        .option("max-iterations", "N", "Model calls at most. Default 50."),
        .option("timeout", "SECONDS", "How long it may take. Default 3600."),
        .flag("dry-run", "Tools show what they would do, and do nothing."),
        .flag("follow", "Show what happens as it happens; questions are asked here."),
        .flag("json", "Print the execution as JSON at the end."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let task = arguments.words.first, !task.allSatisfy(\.isWhitespace) else {
            throw UsageError("what is to be done is needed, in quotes")
        }
        let order = RunOrder(
            organization: try arguments.required("organization"), agent: arguments["agent"] ?? "support-assistant",
            task: task, input: try Self.input(arguments),
            options: AutonomyOptions(
                limits: AutonomyLimits(maxIterations: try Self.number("max-iterations", 1...200, arguments)),
                dryRun: arguments.has("dry-run") ? true : nil, model: arguments["model"], requestedBy: "terminal"),
            timeoutSeconds: try Self.number("timeout", 1...86_400, arguments) ?? 3_600)
        try await Self.follow(order, isShown: arguments.has("follow"), isJSON: arguments.has("json"), product, terminal)
    }

    /// Runs, shows, and says what came of it.
    static func follow(
        _ order: RunOrder, isShown: Bool, isJSON: Bool, _ product: any Product, _ terminal: Terminal
    ) async throws {
        let printer = EventPrinter(terminal)
        let ended = try await product.run(
            order, onEvent: { if isShown { printer.show($0) } },
            onQuestion: { question in
                guard isShown, terminal.isInteractive else { return nil }
                terminal.print("\n" + terminal.bold(EventPrinter.safe(question)))
                terminal.write(terminal.bold("answer  "))
                return terminal.read().flatMap { $0.isEmpty ? nil : .string($0) }
            })
        if isJSON { return terminal.print(try JSONValue(encoding: ended).description) }
        report(ended, isShown: isShown, terminal)
        guard ended.state == .completed || ended.state == .waiting else {
            throw SpotterError(
                .conflict, "The run is \(ended.state.rawValue): \(ended.error?.message ?? "no reason is known").")
        }
    }

    private static func report(_ execution: Execution, isShown: Bool, _ terminal: Terminal) {
        terminal.print()
        if execution.output?["dry_run"]?.bool == true { terminal.print(terminal.bold("Dry run: nothing was changed.")) }
        // What was followed has been read already.
        if !isShown, let content = execution.output?["content"]?.string {
            terminal.print(EventPrinter.safe(content))
        }
        if execution.state == .waiting {
            terminal.print(
                "It waits: for an answer (POST /v1/executions/\(execution.id)/input) or for an approval (GET /v1/approvals)."
            )
        }
        let cost = execution.cost.billed
        terminal.print(
            terminal.dim(
                "\(execution.id)  \(execution.state.rawValue), \(execution.usage.modelCalls) model calls, "
                    + "\(execution.stepsCompleted) steps, billed \(cost.amount) \(cost.currency)"))
    }

    private static func input(_ arguments: Arguments) throws -> JSONValue {
        guard let text = arguments["input"] else { return .object(JSONObject()) }
        guard let value = try? JSONParser.parse(Array(text.utf8)), value.object != nil else {
            throw UsageError("--input must be a JSON object, such as '{\"days\": 30}'")
        }
        return value
    }

    private static func number(_ name: String, _ range: ClosedRange<Int>, _ arguments: Arguments) throws -> Int? {
        guard let text = arguments[name] else { return nil }
        guard let value = Int(text), range.contains(value) else {
            throw UsageError("--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
