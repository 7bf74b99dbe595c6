import Foundation
import SpotterDomain
import Synchronization

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
enum FlowRun {
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
        let asked = Mutex<[Approval]>([])
        let ended = try await product.runFlow(
            order, onProgress: { if !isJSON { printer.show($0) } },
            onQuestion: { question in
                guard !isJSON, terminal.isInteractive else { return nil }
                printer.leave()
                terminal.print(terminal.bold(EventPrinter.safe(question)))
                terminal.write(terminal.bold("answer  "))
                return terminal.read().flatMap { $0.isEmpty ? nil : .string($0) }
            }, onApprovals: { approvals in asked.withLock { $0 = approvals } })
        if isJSON {
            terminal.print(try JSONValue(encoding: ended).description)
        } else {
            report(ended, waitingFor: asked.withLock { $0 }, of: order.organization, terminal)
        }
        guard ended.state == .completed || ended.state == .waiting else {
            throw SpotterError(
                .conflict, "The run is \(ended.state.rawValue): \(ended.error?.message ?? "no reason is known").")
        }
    }

    /// What a run has come to, and, where it waits for people, how they go on with it.
    static func report(
        _ execution: Execution, waitingFor approvals: [Approval], of organization: String, _ terminal: Terminal
    ) {
        if let output = execution.output { terminal.print(EventPrinter.safe(output.description)) }
        if execution.state == .waiting {
            for approval in approvals { show(approval, of: organization, terminal) }
            if approvals.isEmpty {
                terminal.print("It waits for an answer: POST /v1/executions/\(execution.id)/input")
            }
            terminal.print("It goes on by itself while `spotter up` or `spotter serve` runs.")
        }
        terminal.print(terminal.dim("\(execution.id)  \(execution.state.rawValue)"))
    }

    private static func show(_ approval: Approval, of organization: String, _ terminal: Terminal) {
        let who = approval.deciders(at: approval.createdAt).map(\.description).joined(separator: ", ")
        terminal.print(terminal.bold("Waiting for an approval: \(EventPrinter.safe(approval.message))"))
        if let tool = approval.tool {
            terminal.print("  \(tool) \(EventPrinter.safe(approval.arguments?.description ?? ""))")
        }
        terminal.print("  Who may decide: \(who)")
        for verb in ["approve", "reject"] {
            terminal.print(
                "  spotter approvals \(verb) \(approval.id) --organization \(organization)\(role(for: approval))")
        }
        if let end = approval.expiresAt { terminal.print("  Until \(Timestamp.string(from: end)).") }
    }

    /// As what somebody at the console decides, where it is not the owner.
    private static func role(for approval: Approval) -> String {
        let roles = approval.approvers.compactMap { if case .role(let role) = $0 { role } else { nil } }
        guard !roles.contains(.owner), let role = roles.first(where: { [.admin, .staff, .operator].contains($0) })
        else {
            return ""
        }
        return " --as \(role.rawValue)"
    }

    private static func input(_ arguments: Arguments) throws -> JSONValue {
        guard let text = arguments["input"] else { return .object(JSONObject()) }
        guard let value = try? JSONParser.parse(Array(text.utf8)), value.object != nil else {
            throw UsageError("--input must be a JSON object, such as '{\"lead_id\": \"lead_01h…\"}'")
        }
        return value
    }
}
