import Foundation
import SpotterDomain

/// `spotter plan run`: a plan in a file, followed in the terminal.
struct PlanRunCommand: Command {
    let path = ["plan", "run"]
    let summary = "Run the steps of a plan, and show how far they are"
    let operands = "FILE"
    let example = "spotter plan run week.yaml --organization iron-temple"
    let options: [OptionSpec] = FlowRun.options

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let file = arguments.words.first else { throw UsageError("a file with a plan is needed, YAML or JSON") }
        try await FlowRun.follow(.plan(file: file), arguments, product, terminal)
    }
}

/// `spotter workflow run`: a workflow in a file, or one that the gym has.
struct WorkflowRunCommand: Command {
    let path = ["workflow", "run"]
    let summary = "Run a workflow, and show how far its nodes are"
    let operands = "FILE|NAME"
    let example = "spotter workflow run templates/workflows/lead-follow-up.yaml --organization iron-temple"
    let options: [OptionSpec] = FlowRun.options

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let name = arguments.words.first else {
            throw UsageError("a file with a workflow is needed, or the name of one that the gym has")
        }
        let isFile = [".yaml", ".yml", ".json"].contains { name.lowercased().hasSuffix($0) }
        try await FlowRun.follow(isFile ? .workflow(file: name) : .kept(workflow: name), arguments, product, terminal)
    }
}

/// What the two have in common.
private enum FlowRun {
    static let options: [OptionSpec] = [
        .option("organization", "SLUG", "The gym."),
        .option("input", "JSON", "What the run is given: an object."),
        .flag("json", "Print the execution as JSON at the end, and nothing else."),
    ]

    static func follow(
        _ subject: FlowRunOrder.Subject, _ arguments: Arguments, _ product: any Product, _ terminal: Terminal
    ) async throws {
        let order = FlowRunOrder(
            organization: try arguments.required("organization"), subject, input: try input(arguments))
        let isJSON = arguments.has("json")
        let printer = FlowPrinter(terminal)
        let ended = try await product.runFlow(
            order, onProgress: { if !isJSON { printer.show($0) } },
            onQuestion: { question in
                guard !isJSON, terminal.isInteractive else { return nil }
                printer.leave()
                terminal.print(terminal.bold(EventPrinter.safe(question)))
                terminal.write(terminal.bold("answer  "))
                return terminal.read().flatMap { $0.isEmpty ? nil : .string($0) }
            })
        if isJSON { terminal.print(try JSONValue(encoding: ended).description) } else { report(ended, terminal) }
        guard ended.state == .completed || ended.state == .waiting else {
            throw SpotterError(
                .conflict, "The run is \(ended.state.rawValue): \(ended.error?.message ?? "no reason is known").")
        }
    }

    private static func report(_ execution: Execution, _ terminal: Terminal) {
        if let output = execution.output { terminal.print(EventPrinter.safe(output.description)) }
        if execution.state == .waiting {
            terminal.print(
                "It waits: for an answer (POST /v1/executions/\(execution.id)/input) or for an approval "
                    + "(POST /v1/approvals/{id}/decision). It goes on by itself while `spotter up` or `serve` runs.")
        }
        terminal.print(terminal.dim("\(execution.id)  \(execution.state.rawValue)"))
    }

    private static func input(_ arguments: Arguments) throws -> JSONValue {
        guard let text = arguments["input"] else { return .object(JSONObject()) }
        guard let value = try? JSONParser.parse(Array(text.utf8)), value.object != nil else {
            throw UsageError("--input must be a JSON object, such as '{\"lead_id\": \"lead_01h…\"}'")
        }
        return value
    }
}
