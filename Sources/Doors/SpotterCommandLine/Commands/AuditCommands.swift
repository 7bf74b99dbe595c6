import Foundation
import SpotterDomain

/// What was found of an organisation's audit log.
public struct AuditFinding: Sendable {
    /// Whose log.
    public let organization: String
    /// How many entries are right, from the first.
    public let verified: Int64
    /// What is wrong first; nil where nothing is.
    public let problem: String?

    /// Puts the finding together.
    public init(organization: String, verified: Int64, problem: String?) {
        self.organization = organization
        self.verified = verified
        self.problem = problem
    }
}

/// `spotter audit verify`
struct AuditVerifyCommand: Command {
    let path = ["audit", "verify"]
    let summary = "Work the audit log's chain of hashes out again, and name the first entry that is not as it was"
    let example = "spotter audit verify --organization iron-temple --checkpoint iron-temple.checkpoint"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose log; all of them without it."),
        .option("checkpoint", "FILE", "A checkpoint that was kept elsewhere; shows also what was cut off the end."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        var checkpoint: String?
        if let file = arguments["checkpoint"] {
            guard arguments["organization"] != nil else { throw UsageError("--checkpoint needs --organization") }
            guard let text = try? String(contentsOfFile: file, encoding: .utf8) else {
                throw SpotterError(.invalid, "\(file) cannot be read.")
            }
            checkpoint = text.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        let findings = try await product.verifyAudit(
            organization: arguments["organization"], checkpoint: checkpoint)
        for finding in findings {
            if arguments.has("json") {
                var object: JSONObject = [
                    "organization": .string(finding.organization), "verified": .int(finding.verified),
                ]
                object["problem"] = finding.problem.map { .string($0) } ?? .null
                terminal.print(JSONValue.object(object).description)
            } else {
                terminal.print(
                    "\(finding.organization): \(finding.problem ?? "all \(finding.verified) entries are as they were sealed.")"
                )
            }
        }
        let broken = findings.filter { $0.problem != nil }
        guard broken.isEmpty else {
            throw SpotterError(
                .conflict, "The audit log is not as it was: \(broken.map(\.organization).joined(separator: ", ")).")
        }
    }
}

/// `spotter audit checkpoint`
struct AuditCheckpointCommand: Command {
    let path = ["audit", "checkpoint"]
    let summary = "Sign the head of an organisation's audit log, to be kept outside the database"
    let example = "spotter audit checkpoint --organization iron-temple --out iron-temple.checkpoint"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose log."),
        .option("out", "FILE", "Where it goes; standard output without it."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        guard let text = try await product.auditCheckpoint(organization: arguments.required("organization")) else {
            throw SpotterError(.conflict, "There is no entry yet.")
        }
        guard let file = arguments["out"] else { return terminal.print(text) }
        do {
            try Data((text + "\n").utf8).write(to: URL(filePath: file), options: .atomic)
        } catch { throw SpotterError(.invalid, "\(file) cannot be written.", cause: error) }
        terminal.print("The checkpoint is in \(file). Keep it where whoever administers the database cannot reach it.")
    }
}

/// `spotter audit export`
struct AuditExportCommand: Command {
    let path = ["audit", "export"]
    let summary = "Give an organisation's audit log out, newest first"
    let example = "spotter audit export --organization iron-temple --format csv --out activity.csv"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose log."),
        .option("format", "jsonl|csv", "JSON lines unless said otherwise."),
        .option("out", "FILE", "Where it goes; standard output without it."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        guard let format = AuditExport.Format(rawValue: arguments["format"] ?? "jsonl") else {
            throw UsageError("--format must be jsonl or csv")
        }
        let organization = try arguments.required("organization")
        guard let path = arguments["out"] else {
            _ = try await product.exportAudit(format, organization: organization) { try terminal.pour($0) }
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw SpotterError(.invalid, "\(path) cannot be written.") }
        let count = try await product.exportAudit(format, organization: organization) { text in
            try file.write(contentsOf: Data(text.utf8))
        }
        try file.close()
        terminal.print("\(count) entries are in \(path).")
    }
}
