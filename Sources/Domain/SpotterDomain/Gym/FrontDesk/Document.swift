public import Foundation

/// Marks the ids of documents.
public enum DocumentKind: IdentifierKind {
    /// Ids begin with `doc_`.
    public static let prefix = "doc"
}

/// The id of a document, such as `doc_01h…`.
public typealias DocumentID = Identifier<DocumentKind>

/// A file that was made for somebody to fetch, kept for a while.
public struct Document: Sendable, Hashable {
    /// The most bytes of one.
    public static let largest = 5 * 1024 * 1024
    /// The most that an organisation may have at one time.
    public static let most = 100
    /// How long one is kept.
    public static let lifetime: TimeInterval = 7 * 86_400

    /// Never changes.
    public let id: DocumentID
    /// A file's name, such as `payments-2026-11-21.csv`.
    public let name: String
    /// Such as `text/csv; charset=utf-8`.
    public let contentType: String
    /// The file.
    public let content: [UInt8]
    /// Who had it made.
    public let by: String
    /// When it was made.
    public let createdAt: Date
    /// When it is gone.
    public let expiresAt: Date

    /// A document that is kept for a week.
    public init(
        id: DocumentID, name: String, contentType: String, content: [UInt8], by: String, createdAt: Date,
        expiresAt: Date? = nil
    ) {
        self.id = id
        self.name = name
        self.contentType = contentType
        self.content = content
        self.by = by
        self.createdAt = createdAt
        self.expiresAt = expiresAt ?? createdAt.addingTimeInterval(Self.lifetime)
    }
}

/// Where documents are kept.
public protocol DocumentStore: Sendable {
    /// Keeps a document, once for each key, and forgets those of the organisation that have expired. Returns the id of
    /// the one that stands under the key.
    ///
    /// - Throws: `limitReached` where the organisation has too many.
    func keep(_ document: Document, key: String, in scope: OrganizationScope) async throws -> DocumentID
    /// One that has not expired. Throws `notFound`.
    func document(_ id: DocumentID, at now: Date, in scope: OrganizationScope) async throws -> Document
}

/// Rows of the gym's records for a spreadsheet.
public protocol ExportStore: Sendable {
    /// At most `limit` rows, newest first; times are those of `timezone`.
    func rows(
        of kind: ExportKind, _ query: ExportQuery, timezone: String, limit: Int, in scope: OrganizationScope
    ) async throws -> [ExportRow]
}

/// What can be exported.
public enum ExportKind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case clients, leads, bookings, payments, subscriptions

    /// The columns, in order; the first are the ids that `ExportRow` has apart.
    public var columns: [String] {
        switch self {
        case .clients:
            ["id", "name", "email", "phone", "status", "tags", "joined", "cancelled", "source", "last_visit"]
        case .leads:
            ["id", "name", "email", "phone", "status", "source", "tags", "interest", "created", "next_follow_up"]
        case .bookings: ["id", "person_id", "person", "class", "starts", "instructor", "status", "kind", "booked"]
        case .payments:
            [
                "id", "person_id", "person", "paid", "amount", "currency", "refunded", "status", "kind", "method",
                "failure_reason", "description",
            ]
        case .subscriptions:
            [
                "id", "person_id", "person", "plan", "status", "amount", "currency", "every", "monthly_amount",
                "started",
                "cancelled", "next_payment",
            ]
        }
    }
}

/// Which rows are exported. What is nil lets everything pass.
public struct ExportQuery: Sendable {
    /// By when they were: joined, first in touch, held, paid, begun.
    public var range: Range<Date>?
    /// Only of this status.
    public var status: String?
    /// Only with this label: members and leads.
    public var tag: String?

    /// A query.
    public init(range: Range<Date>? = nil, status: String? = nil, tag: String? = nil) {
        self.range = range
        self.status = status
        self.tag = tag
    }
}

/// One row of an export.
public struct ExportRow: Sendable, Decodable {
    /// What it is.
    public let id: UUID
    /// The member it belongs to.
    public let clientId: ClientID?
    /// The lead it belongs to.
    public let leadId: LeadID?
    /// The other columns; what is not known is empty.
    public let cells: [String]
}
