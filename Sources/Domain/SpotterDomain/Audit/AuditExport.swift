import Foundation

/// The audit log as a file: all of it that a filter lets through, newest first, page by page.
public struct AuditExport: Sendable {
    /// How it is written.
    public enum Format: String, Sendable, CaseIterable {
        /// One JSON object a line.
        case jsonl
        /// A table.
        case csv

        /// The media type.
        public var contentType: String { self == .csv ? "text/csv; charset=utf-8" : "application/jsonl" }
    }

    private let audit: any AuditStore
    private let format: Format
    private let filter: AuditFilter

    /// An export of what `filter` lets through.
    public init(audit: any AuditStore, format: Format, filter: AuditFilter = AuditFilter()) {
        self.audit = audit
        self.format = format
        self.filter = filter
    }

    /// Writes it. Returns how many entries there were.
    @discardableResult
    public func run(
        in scope: OrganizationScope, _ write: @Sendable (String) async throws -> Void
    ) async throws -> Int {
        if format == .csv { try await write(CSVWriter.row(Self.columns)) }
        var (count, after) = (0, Cursor?.none)
        repeat {
            let page = try await audit.list(filter, PageRequest(limit: 200, after: after), in: scope)
            if !page.items.isEmpty { try await write(try page.items.map(line).joined()) }
            count += page.items.count
            after = page.next
        } while after != nil
        return count
    }

    private static let columns = [
        "id", "position", "at", "actor_kind", "actor_id", "actor_role", "action", "resource_id", "outcome", "fields",
        "request_id", "execution_id", "agent_id", "hash",
    ]

    private func line(_ entry: AuditEntry) throws -> String {
        guard format == .csv else { return String(decoding: try JSONWriter.encode(entry), as: UTF8.self) + "\n" }
        return CSVWriter.row([
            entry.id.description, entry.position.map { "\($0)" } ?? "", Timestamp.string(from: entry.at),
            entry.actor.kind.rawValue, entry.actor.id ?? "", entry.actor.role?.rawValue ?? "", entry.action,
            entry.resourceId ?? "", entry.outcome.rawValue, entry.fields.joined(separator: " "), entry.requestId ?? "",
            entry.executionId?.description ?? "", entry.agentId?.description ?? "", entry.hash ?? "",
        ])
    }
}
