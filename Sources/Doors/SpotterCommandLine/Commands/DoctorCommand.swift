import SpotterDomain

/// `spotter doctor`
struct DoctorCommand: Command {
    let path = ["doctor"]
    let summary = "Look at the set-up, say what is wrong and how to mend it"
    let example = "spotter doctor"
    let options: [OptionSpec] = [
        .flag("json", "Print JSON."),
        .option("health", "URL", "Only ask the server at URL whether it is ready; exit 1 if it is not."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        if let url = arguments["health"] {
            guard try await product.probe(url: url) else { throw SpotterError(.unavailable, "\(url) is not ready.") }
            terminal.print("ready")
            return
        }
        let findings = await product.examine()
        if arguments.has("json") {
            let rows = findings.map { finding -> JSONValue in
                [
                    "name": .string(finding.name), "state": .string(finding.state.rawValue),
                    "detail": .string(finding.detail),
                ]
            }
            terminal.print(JSONValue.array(rows).description)
        } else {
            for finding in findings { show(finding, terminal) }
        }
        let failed = findings.filter { $0.state == .failed }.count
        guard failed == 0 else { throw SpotterError(.unavailable, "\(failed) of \(findings.count) must be mended.") }
    }

    private func show(_ finding: Finding, _ terminal: Terminal) {
        let mark =
            switch finding.state {
            case .ok: terminal.green("ok  ")
            case .warning: terminal.bold("warn")
            case .failed: terminal.red("FAIL")
            }
        terminal.print("\(mark)  \(finding.name): \(finding.detail)")
    }
}
