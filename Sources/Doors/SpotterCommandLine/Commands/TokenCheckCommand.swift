import Foundation
import SpotterDomain

/// `spotter token check`
///
/// Ends with 0 for a token that is good (or, where nobody could be asked, has the right form) and for a scan that found
/// nothing; with 1 for a token that is not good and for a scan that found something; with 2 where something could not be
/// read.
struct TokenCheckCommand: Command {
    let path = ["token", "check"]
    let summary = "Say what a token is without showing it to anybody, or scan files for leaked ones (exit code 1)"
    let operands = "TOKEN | - | --scan FILE…"
    let example = "spotter token check --scan . && git push"
    let options: [OptionSpec] = [
        .flag("scan", "Look for tokens, signing keys and secrets of hooks in files, folders and, with -, the input."),
        .flag("offline", "Do not ask the database."), .flag("json", "Print JSON, a line for each finding."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        guard !arguments.has("scan") else { return try scan(arguments, product, terminal) }
        try noMoreThan(1, arguments)
        guard let word = arguments.words.first, let text = word == "-" ? terminal.read() : word else {
            throw UsageError("a token is needed, or - to read it from the input")
        }
        let check = try await product.checkToken(text, isOffline: arguments.has("offline"))
        if arguments.has("json") {
            var object = JSONObject()
            object["state"] = .string(check.state.rawValue)
            object["reason"] = .string(check.reason)
            for (name, value) in check.facts { object[Self.key(name)] = .string(value) }
            terminal.print(JSONValue.object(object).description)
        } else {
            let width = check.facts.map(\.name.count).max() ?? 0
            for (name, value) in check.facts {
                terminal.print(name.padding(toLength: width, withPad: " ", startingAt: 0) + "  " + value)
            }
        }
        guard check.state == .good || check.state == .unverified else {
            throw SpotterError(.unauthenticated, check.reason)
        }
        if !arguments.has("json") {
            terminal.print(check.state == .good ? terminal.green(check.reason) : check.reason)
        }
    }

    private static func key(_ name: String) -> String {
        name.lowercased().replacing(" ", with: "_")
    }

    private func scan(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) throws {
        guard !arguments.words.isEmpty else { throw UsageError("files are needed, or - to read the input") }
        let isJSON = arguments.has("json")
        let report = try product.scanForSecrets(arguments.words) { finding in
            guard isJSON else {
                let place = "\(finding.path):\(finding.line):\(finding.column)"
                terminal.print("\(place): \(finding.kind.replacing("_", with: " ")) \(finding.masked)")
                return
            }
            let line: JSONValue = [
                "path": .string(finding.path), "line": .int(Int64(finding.line)),
                "column": .int(Int64(finding.column)), "kind": .string(finding.kind),
                "masked": .string(finding.masked),
            ]
            terminal.print(line.description)
        }
        for path in report.unreadable { terminal.complain("\(path) cannot be read") }
        guard report.findings == 0 else {
            let secrets = report.findings == 1 ? "1 secret stands" : "\(report.findings) secrets stand"
            throw SpotterError(
                .conflict, "\(secrets) where others may read. Revoke tokens (spotter token revoke), and make new keys.")
        }
        guard report.unreadable.isEmpty else { throw UsageError("not everything could be read") }
        if !isJSON { terminal.print("No secret in \(report.files) \(report.files == 1 ? "file" : "files").") }
    }
}
