import SpotterDomain

/// What a bulk upsert takes and answers.
enum RecordBulk {
    /// What became of one row.
    struct Result: Codable, Sendable, FieldsDescribed {
        enum Status: String, Codable, Sendable, CaseIterable, SchemaDescribed {
            case created, updated, unchanged, error
        }

        /// A field of a row that is wrong.
        struct Issue: Codable, Sendable {
            let pointer: String
            let message: String
        }

        let index: Int
        let status: Status
        let id: String?
        let externalId: String?
        let version: Int?
        let message: String?
        let errors: [Issue]?

        static let fields: [String: Field] = [
            "index": Field("The row's place, from 0."), "id": Field("The record's id."),
            "version": Field("The record's version."), "message": Field("Why the row was refused."),
            "errors": Field("What is wrong with the row, each with a JSON pointer into the body."),
        ]
    }

    /// What became of all rows.
    struct Answer: Codable, Sendable, FieldsDescribed {
        let created: Int
        let updated: Int
        let unchanged: Int
        let failed: Int
        let written: Bool
        let results: [Result]

        static let fields: [String: Field] = [
            "written": Field("False where it was all or none, and a row was refused: then nothing was written.")
        ]
    }

    static func body(_ row: JSONSchema) -> JSONSchema {
        var rows = JSONSchema.array(of: row)
        rows.description = "The rows: each changes the record of its id or its external id, or creates one with that."
        rows.minimumCount = 1
        rows.maximumCount = 1_000
        return .object([.init("records", rows)])
    }

    /// The rows of a body. What is wrong with one of them is not looked at yet.
    static func rows(of body: JSONValue) throws -> [JSONValue] {
        let issues = RecordBulk.body(JSONSchema(.any)).issues(in: body)
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return body["records"]?.array ?? []
    }

    /// - Throws: `invalid` where every row was refused.
    static func answer<Kind: RecordKind>(_ saved: SavedRecords<Kind>) throws -> Answer {
        let results = saved.outcomes.enumerated().map { index, outcome in result(of: outcome, index) }
        let failed = results.count { $0.status == .error }
        if failed == results.count {
            let issues = results.flatMap { $0.errors ?? [] }.prefix(20)
            throw SpotterError.invalid(issues.map { FieldIssue(pointer: $0.pointer, message: $0.message) })
        }
        return Answer(
            created: results.count { $0.status == .created }, updated: results.count { $0.status == .updated },
            unchanged: results.count { $0.status == .unchanged }, failed: failed, written: saved.isWritten,
            results: results)
    }

    private static func result<Kind: RecordKind>(of outcome: RecordOutcome<Kind>, _ index: Int) -> Result {
        func result(_ status: Result.Status, _ record: GymRecord<Kind>) -> Result {
            Result(
                index: index, status: status, id: record.id.description, externalId: record.externalId,
                version: record.version, message: nil, errors: nil)
        }
        switch outcome {
        case .created(let record): return result(.created, record)
        case .updated(let record): return result(.updated, record)
        case .unchanged(let record): return result(.unchanged, record)
        case .refused(let error):
            let found = error.issues.isEmpty ? [FieldIssue(pointer: "", message: error.message)] : error.issues
            let issues = found.map { Result.Issue(pointer: "/records/\(index)\($0.pointer)", message: $0.message) }
            return Result(
                index: index, status: .error, id: nil, externalId: nil, version: nil, message: error.message,
                errors: issues)
        }
    }
}
