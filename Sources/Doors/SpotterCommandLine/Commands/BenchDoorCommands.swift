import SpotterDomain

private let loadOptions: [OptionSpec] = [
    .option("connections", "N", "Connections or writers at once, 1 to 1024. Default 64."),
    .option("seconds", "N", "How long each measurement takes, 1 to 60. Default 5."), .flag("json", "Print JSON."),
]

extension Arguments {
    fileprivate func load() throws -> BenchOptions {
        BenchOptions(
            connections: try integer("connections", in: 1...1_024) ?? 64,
            seconds: try integer("seconds", in: 1...60) ?? 5)
    }
}

/// `spotter bench hooks`
struct BenchHooksCommand: Command {
    let path = ["bench", "hooks"]
    let summary = "Measure how many signed messages are taken and committed a second, beside pgbench on the same writes"
    let example = "spotter bench hooks --seconds 5"
    let options = loadOptions

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let results = try await product.benchHooks(arguments.load()) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// `spotter bench audit`
struct BenchAuditCommand: Command {
    let path = ["bench", "audit"]
    let summary = "Measure what the audit log's entry costs of writes"
    let example = "spotter bench audit --seconds 5"
    let options = loadOptions

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let results = try await product.benchAudit(arguments.load()) { terminal.complain(terminal.dim($0)) }
        terminal.show(results, asJSON: arguments.has("json"))
    }
}

/// What is measured of what comes in.
public enum DoorBenchPart: String, CaseIterable, Sendable {
    /// Signed messages of other systems.
    case hooks
    /// The audit log.
    case audit
}
