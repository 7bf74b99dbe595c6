import Foundation
import SpotterDomain
import Synchronization

private let kindNames = RecordKinds.all.map { $0.plural }

extension Arguments {
    /// The kind that the first word names.
    fileprivate func kind() throws -> String {
        guard let word = words.first else {
            throw UsageError("a kind of records is needed: \(kindNames.joined(separator: ", "))")
        }
        guard kindNames.contains(word) else {
            throw UsageError("there are no records of the kind \(word)\(DidYouMean.hint(for: word, among: kindNames))")
        }
        return word
    }
}

/// `spotter import`
struct ImportCommand: Command {
    let path = ["import"]
    let summary = "Bring members, leads, bookings, payments … in from a CSV file"
    let operands = "KIND FILE.csv"
    let example = "spotter import clients members.csv --organization iron-temple --dry-run"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose records they are."),
        .flag("dry-run", "Write nothing; say what would be."),
        .option("report", "FILE", "Tell of the rows that were refused in a CSV file."),
        .option("dates", "dmy|mdy", "How to read dates with slashes; without it, as each column tells."),
        .flag("skip-unknown-columns", "Leave out columns that are not known."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(2, arguments)
        let kind = try arguments.kind()
        guard arguments.words.count == 2 else { throw UsageError("the file is needed") }
        let order = ImportOrder(
            kind: kind, file: arguments.words[1], organization: try arguments.required("organization"),
            isDryRun: arguments.has("dry-run"), skipsUnknown: arguments.has("skip-unknown-columns"),
            dates: try Self.dates(arguments["dates"]), report: arguments["report"])
        let isShown = terminal.isInteractive && !arguments.has("json")
        let bar = ProgressBar()
        let report = try await product.importRecords(order) { progress in
            if isShown, let text = bar.text(progress) { terminal.write(text) }
        }
        if isShown { terminal.write(ProgressBar.cleared) }
        if arguments.has("json") {
            terminal.print(try JSONValue(encoding: report).description)
        } else {
            Self.show(report, order, terminal)
        }
        guard report.failed == 0 else {
            throw SpotterError(.invalid, "\(report.failed) of \(report.rows) rows were refused.")
        }
    }

    private static func dates(_ text: String?) throws -> CellForms.DateOrder? {
        switch text {
        case nil: nil
        case "dmy": .dayFirst
        case "mdy": .monthFirst
        default: throw UsageError("--dates must be dmy or mdy")
        }
    }

    private static func show(_ report: ImportReport, _ order: ImportOrder, _ terminal: Terminal) {
        terminal.print("\(report.encoding), separated by \(report.delimiter)")
        for finding in report.findings { terminal.print(finding) }
        let verb = report.dryRun ? "would be " : ""
        terminal.print(
            "\(report.rows) rows: \(report.created) \(verb)created, \(report.updated) \(verb)updated, "
                + "\(report.unchanged) unchanged, \(report.failed) refused.")
        for problem in report.problems {
            let place = problem.column.isEmpty ? "" : " \(problem.column)"
            terminal.complain("\(order.file):\(problem.line):\(place) \(problem.message)")
        }
        if report.failed > report.problems.count, order.report == nil {
            terminal.complain("… and more: --report FILE tells of them all.")
        }
    }
}

/// A bar that is drawn over itself.
private final class ProgressBar: Sendable {
    static let cleared = "\r\u{1B}[K"
    private let last = Mutex(-1)

    /// The bar, where a step is done since it was last drawn.
    func text(_ progress: ImportProgress) -> String? {
        let percent = Int(min(max(progress.share, 0), 1) * 100)
        let isNew = last.withLock { last in
            defer { last = percent }
            return last != percent
        }
        guard isNew else { return nil }
        let done = percent * 30 / 100
        let bar = String(repeating: "#", count: done) + String(repeating: "-", count: 30 - done)
        return "\r[\(bar)] \(percent) %  \(progress.rows) rows"
    }
}

/// `spotter export`
struct ExportCommand: Command {
    let path = ["export"]
    let summary = "Give members, leads, bookings, payments … out as CSV, newest first"
    let operands = "KIND"
    let example = "spotter export clients --organization iron-temple --output members.csv"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose records they are."),
        .option("output", "FILE", "Where they go; standard output without it."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let kind = try arguments.kind()
        let organization = try arguments.required("organization")
        guard let path = arguments["output"] else {
            _ = try await product.exportRecords(kind, organization: organization) { try terminal.pour($0) }
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw SpotterError(.invalid, "\(path) cannot be written.") }
        let count = try await product.exportRecords(kind, organization: organization) { text in
            try file.write(contentsOf: Data(text.utf8))
        }
        try file.close()
        terminal.print("\(count) \(kind) are in \(path).")
    }
}
