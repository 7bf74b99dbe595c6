import SpotterDomain

/// `spotter workflow validate`
struct WorkflowValidateCommand: Command {
    let path = ["workflow", "validate"]
    let summary = "Check workflows in files, YAML or JSON, without a database"
    let operands = "FILE…"
    let example = "spotter workflow validate templates/workflows/deployment.yaml my-workflow.json"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try run(arguments, terminal) { try product.workflow(file: $0, isOutline: false) }
    }

    func run(
        _ arguments: Arguments, _ terminal: Terminal, reading read: (String) throws -> WorkflowDefinition
    ) throws {
        guard !arguments.words.isEmpty else { throw UsageError("a file is needed") }
        let problems = arguments.words.flatMap { Self.problems(with: $0, read) }
        if arguments.has("json") {
            let body: JSONValue = [
                "files": .int(Int64(arguments.words.count)), "problems": .array(problems.map(JSONValue.string)),
            ]
            terminal.print(body.description)
        } else if problems.isEmpty {
            terminal.print("\(arguments.words.count == 1 ? "1 file" : "\(arguments.words.count) files"), all well.")
        }
        guard problems.isEmpty else { throw SpotterError(.invalid, problems.joined(separator: "\n       ")) }
    }

    private static func problems(
        with file: String, _ read: (String) throws -> WorkflowDefinition
    ) -> [String] {
        do {
            _ = try read(file)
            return []
        } catch let error as SpotterError {
            return error.message.split(separator: "\n").map(String.init)
        } catch {
            return ["\(file): cannot be read"]
        }
    }
}

/// `spotter workflow draw`
struct WorkflowDrawCommand: Command {
    let path = ["workflow", "draw"]
    let summary = "Draw a workflow in a file, YAML or JSON, for Mermaid or Graphviz"
    let operands = "FILE"
    let example = "spotter workflow draw templates/workflows/deployment.yaml --format dot | dot -Tsvg > deployment.svg"
    let options: [OptionSpec] = [.option("format", "FORMAT", "mermaid or dot. Default mermaid.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try run(arguments, terminal) { try product.workflow(file: $0, isOutline: true) }
    }

    func run(
        _ arguments: Arguments, _ terminal: Terminal, reading read: (String) throws -> WorkflowDefinition
    ) throws {
        try noMoreThan(1, arguments)
        guard let file = arguments.words.first else { throw UsageError("a file is needed") }
        guard let format = WorkflowDrawing.Format(rawValue: arguments["format"] ?? "mermaid") else {
            throw UsageError("--format must be mermaid or dot")
        }
        terminal.write(WorkflowDrawing(of: try read(file)).text(as: format))
    }
}
