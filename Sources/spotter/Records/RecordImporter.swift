import Foundation
import SpotterCommandLine
import SpotterDomain

/// Brings a CSV file in: looks through all of it, then writes it, a batch at a time. It keeps no more than a batch.
struct RecordImporter<Kind: RecordKind> {
    let order: ImportOrder
    let intake: RecordIntake<Kind>
    let setting: RecordSetting
    let zone: TimeZone
    let scope: OrganizationScope
    let progress: @Sendable (ImportProgress) -> Void

    private static var batch: Int { 500 }
    /// Problems that the report itself tells of; a file may tell of all.
    private static var mostProblems: Int { 20 }

    func run() async throws -> ImportReport {
        var report = ImportReport(kind: Kind.plural, isDryRun: order.isDryRun)
        let survey = try survey()
        report.encoding = survey.encoding.rawValue
        report.delimiter = survey.delimiter == UInt8(ascii: "\t") ? "tabs" : String(UnicodeScalar(survey.delimiter))
        report.findings = survey.columns.findings(dates)
        let problems = try ProblemFile(path: order.report)
        var batch: [CSVRow] = []
        var isHeader = true
        let file = try CSVFile(order.file)
        var reader = CSVReader(delimiter: survey.delimiter)
        while true {
            var rows: [CSVRow] = []
            let piece = try file.next()
            do {
                if let piece { try reader.read(piece, into: &rows) } else { try reader.finish(into: &rows) }
            } catch { throw SpotterError(.invalid, "\(order.file): \(error)") }
            if isHeader, !rows.isEmpty {
                rows.removeFirst()
                isHeader = false
            }
            batch += rows
            while batch.count >= Self.batch || (piece == nil && !batch.isEmpty) {
                try await write(Array(batch.prefix(Self.batch)), survey, &report, problems)
                batch.removeFirst(min(Self.batch, batch.count))
                progress(ImportProgress(share: 0.1 + 0.9 * file.share, rows: report.rows))
            }
            if piece == nil { break }
        }
        try problems.close()
        return report
    }

    // MARK: Looking through

    private struct Survey {
        var encoding: TextEncoding
        var delimiter: UInt8
        var columns: ImportColumns<Kind>
    }

    /// In which order dates are: as the order says, or as each column tells; where it does not, months come first in the
    /// United States.
    private var dates: CellForms.DateChoice {
        order.dates.map { .always($0) } ?? .usually(setting.currency == "USD" ? .monthFirst : .dayFirst)
    }

    private func survey() throws -> Survey {
        let file = try CSVFile(order.file)
        guard let beginning = try file.next() else { throw SpotterError(.invalid, "\(order.file) is empty.") }
        let delimiter = CSVDialect.delimiter(of: beginning)
        var reader = CSVReader(delimiter: delimiter)
        var check = UTF8Check()
        var columns: ImportColumns<Kind>?
        var piece: [UInt8]? = beginning
        while true {
            var rows: [CSVRow] = []
            do {
                if let piece { try reader.read(piece, into: &rows) } else { try reader.finish(into: &rows) }
            } catch { throw SpotterError(.invalid, "\(order.file): \(error)") }
            check.read(piece ?? [])
            for row in rows {
                if columns == nil {
                    columns = try ImportColumns(headers: Self.header(row), skipsUnknown: order.skipsUnknown)
                } else {
                    columns?.look(at: row.fields.map { String(decoding: $0, as: UTF8.self) })
                }
            }
            if piece == nil { break }
            piece = try file.next()
            progress(ImportProgress(share: 0.1 * file.share, rows: 0))
        }
        guard let columns else { throw SpotterError(.invalid, "\(order.file) is empty.") }
        return Survey(encoding: check.isSoundAtEnd ? .utf8 : .windows1252, delimiter: delimiter, columns: columns)
    }

    private static func header(_ row: CSVRow) -> [String] {
        var check = UTF8Check()
        for field in row.fields { check.read(field) }
        let encoding: TextEncoding = check.isSoundAtEnd ? .utf8 : .windows1252
        return row.fields.map { encoding.text(of: $0).trimmingCharacters(in: .whitespaces) }
    }

    // MARK: Writing

    private func write(
        _ rows: [CSVRow], _ survey: Survey, _ report: inout ImportReport, _ problems: ProblemFile
    ) async throws {
        var read: [(line: Int, row: JSONObject)] = []
        var refused: [(line: Int, external: String, error: SpotterError)] = []
        for row in rows {
            do {
                let cells = row.fields.map(survey.encoding.text)
                read.append((row.line, try survey.columns.row(of: cells, zone: zone, dates)))
            } catch let error as SpotterError {
                refused.append((row.line, "", error))
            }
        }
        let saved = try await intake.upsert(
            read.map { .object($0.row) }, setting, isRehearsal: order.isDryRun, in: scope)
        for ((line, row), outcome) in zip(read, saved.outcomes) {
            switch outcome {
            case .created: report.created += 1
            case .updated: report.updated += 1
            case .unchanged: report.unchanged += 1
            case .refused(let error): refused.append((line, (row["external_id"] ?? row["id"])?.string ?? "", error))
            }
        }
        report.rows += rows.count
        report.failed += refused.count
        for (line, external, error) in refused.sorted(by: { $0.line < $1.line }) {
            let issues = error.issues.isEmpty ? [FieldIssue(pointer: "", message: error.message)] : error.issues
            for issue in issues {
                let column = String(issue.pointer.drop { $0 == "/" })
                let problem = ImportReport.Problem(
                    line: line, externalId: external, column: column, message: issue.message)
                if report.problems.count < Self.mostProblems { report.problems.append(problem) }
                try problems.write(problem)
            }
        }
    }
}

/// A file that is read a piece at a time, without the mark that may stand before it.
private final class CSVFile {
    private let handle: FileHandle
    private let size: UInt64
    private var position: UInt64 = 0

    init(_ path: String) throws {
        guard let handle = FileHandle(forReadingAtPath: path), let size = try? handle.seekToEnd() else {
            throw SpotterError(.invalid, "\(path) cannot be read.")
        }
        try handle.seek(toOffset: 0)
        self.handle = handle
        self.size = size
    }

    deinit { try? handle.close() }

    var share: Double { size == 0 ? 1 : Double(position) / Double(size) }

    func next() throws -> [UInt8]? {
        guard let data = try handle.read(upToCount: 1 << 18), !data.isEmpty else { return nil }
        let isFirst = position == 0
        position += UInt64(data.count)
        let bytes = Array(data)
        return isFirst && bytes.starts(with: CSVDialect.byteOrderMark) ? Array(bytes.dropFirst(3)) : bytes
    }
}

/// Where the rows that were refused are told of; nowhere without a path.
private final class ProblemFile {
    private let handle: FileHandle?

    init(path: String?) throws {
        guard let path else {
            handle = nil
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw SpotterError(.invalid, "\(path) cannot be written.") }
        handle = file
        try file.write(contentsOf: Data(CSVWriter.row(["line", "external_id", "column", "message"]).utf8))
    }

    func write(_ problem: ImportReport.Problem) throws {
        let row = CSVWriter.row(["\(problem.line)", problem.externalId, problem.column, problem.message])
        try handle?.write(contentsOf: Data(row.utf8))
    }

    func close() throws { try handle?.close() }
}
