import Foundation
public import SpotterDomain

/// Puts rows into a file for a spreadsheet.
public struct ExportData: Tool {
    /// Which rows.
    public struct Arguments: Codable, Sendable {
        let kind: ExportKind
        let from: String?
        let to: String?
        let status: String?
        let tag: String?
    }

    private let exports: any ExportStore
    private let documents: any DocumentStore
    private let ids: any IDGenerator
    /// The most rows of one file.
    static let most = 20_000

    /// A tool over the gym's records.
    public init(exports: any ExportStore, documents: any DocumentStore, ids: any IDGenerator) {
        self.exports = exports
        self.documents = documents
        self.ids = ids
    }

    /// `export_data`
    public let name = "export_data"
    /// What a model is told.
    public let summary = """
        Export clients, leads, bookings, payments or subscriptions as a CSV file for a spreadsheet, filtered by date, \
        status or tag, at most 20000 rows, the newest first. Answers the document's id and where a person with access \
        downloads it within seven days; you do not see the rows. It holds personal data: say before you export what it \
        will hold and for whom it is.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Keeps a file.
    public let access = ToolAccess.write
    /// The same key is the same file.
    public let effect = ToolEffect.keyed

    /// Writes the file, or in a dry run says how much it would hold.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let kind = arguments.kind
        if let status = arguments.status, !kind.statuses.contains(status) {
            throw ToolFailure(
                "\(kind.rawValue) have no status \"\(status.prefix(40))\". There are: \(kind.statuses.joined(separator: ", "))."
            )
        }
        if arguments.tag != nil, kind != .clients, kind != .leads {
            throw ToolFailure("Only clients and leads have tags. Leave tag out.")
        }
        let query = ExportQuery(
            range: try calendar.range(from: arguments.from, to: arguments.to), status: arguments.status,
            tag: arguments.tag)
        let rows = try await exports.rows(
            of: kind, query, timezone: calendar.timezone, limit: Self.most + 1, in: context.scope)
        guard !rows.isEmpty else { throw ToolFailure("No \(kind.rawValue) match, so there is nothing to export.") }
        var table = CSVText()
        table.append(kind.columns)
        for row in rows.prefix(Self.most) { table.append(kind.cells(of: row)) }
        guard table.count <= Document.largest else {
            throw ToolFailure("The file would be larger than 5 MiB. Export less: a shorter range, or one status.")
        }
        let count = min(rows.count, Self.most)
        let document = Document(
            id: ids.id(at: context.now), name: "\(kind.rawValue)-\(calendar.today).csv",
            contentType: "text/csv; charset=utf-8", content: table.bytes, by: context.actor, createdAt: context.now)
        var row = ToolRow()
        let size = "\(counted(count, "row")), \(table.count) bytes"
        let cut = rows.count > Self.most ? " There are more rows than that: narrow the range for the rest." : ""
        guard !context.isDryRun else {
            row.set("summary", "Nothing was exported. The file would be \(document.name) with \(size).\(cut)")
            row.set("dry_run", true)
            row.set("rows", count)
            return row.json
        }
        let id: DocumentID
        do {
            id = try await documents.keep(document, key: context.effectKey, in: context.scope)
        } catch let error as SpotterError where error.code == .limitReached { throw ToolFailure(error.message) }
        row.set("summary", "\(document.name) is ready: \(size).\(cut)")
        row.set("document_id", id)
        row.set("download", "/v1/documents/\(id)")
        row.set("rows", count)
        row.set("bytes", table.count)
        row.set("columns", .array(kind.columns.map { .string($0) }))
        row.set("has_more", rows.count > Self.most)
        row.set("expires", calendar.moment(document.expiresAt))
        return row.json
    }
}

extension ExportData.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "kind": Field("What is exported."),
        "from": Field(
            "The first day: clients by when they joined, leads by when they got in touch, bookings by when the session is, "
                + "payments by when they were made, subscriptions by when they began. \(GymCalendar.accepted).",
            length: 1...20),
        "to": .lastDay,
        "status": Field("Only rows with this status, as the records of that kind have it.", length: 1...40),
        "tag": Field("Only clients or leads with this tag.", length: 1...50),
    ]
}

extension ExportKind {
    /// The statuses that rows may have.
    fileprivate var statuses: [String] {
        switch self {
        case .clients: Client.Status.allCases.map(\.rawValue)
        case .leads: LeadStatus.allCases.map(\.rawValue)
        case .bookings: BookingStatus.allCases.map(\.rawValue)
        case .payments: PaymentStatus.allCases.map(\.rawValue)
        case .subscriptions: SubscriptionStatus.allCases.map(\.rawValue)
        }
    }

    /// A row with its ids before the other cells.
    fileprivate func cells(of row: ExportRow) -> [String] {
        let person = row.clientId?.description ?? row.leadId?.description ?? ""
        switch self {
        case .clients: return [ClientID(row.id).description] + row.cells
        case .leads: return [LeadID(row.id).description] + row.cells
        case .bookings: return [BookingID(row.id).description, person] + row.cells
        case .payments: return [PaymentID(row.id).description, person] + row.cells
        case .subscriptions: return [SubscriptionID(row.id).description, person] + row.cells
        }
    }
}
