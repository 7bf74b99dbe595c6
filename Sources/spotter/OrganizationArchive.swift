import Foundation
import PostgresKit
import SpotterDomain

/// A folder with everything that an organisation had: a file of JSON lines for each table, and `manifest.json`, which says
/// how many rows each has and its checksum.
struct OrganizationArchive: Sendable {
    private struct Manifest: Codable {
        struct Table: Codable {
            let name: String
            let rows: Int
            let sha256: String
        }

        var format = 1
        let version: String
        let organization: OrganizationID
        let slug: String
        let name: String
        let createdAt: Date
        let tables: [Table]
    }

    private let organization: Organization
    private let folder: String

    /// - Throws: `conflict` where there is something already.
    init(of organization: Organization, folder: String) throws {
        guard !FileManager.default.fileExists(atPath: folder) else {
            throw SpotterError(.conflict, "\(folder) is there already.")
        }
        // What people have said and paid is for its owner's eyes alone.
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.organization = organization
        self.folder = folder
    }

    func add(_ rows: [String], of table: String) throws {
        let file = file(of: table)
        if !FileManager.default.fileExists(atPath: file) {
            guard FileManager.default.createFile(atPath: file, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw SpotterError(.unavailable, "\(file) cannot be written.") }
        }
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(rows.map { $0 + "\n" }.joined().utf8))
        // What is deleted next must not be in a cache alone.
        try handle.synchronize()
    }

    func close(_ findings: [PrivacyFinding], at now: Date) async throws {
        var tables: [Manifest.Table] = []
        for finding in findings {
            tables.append(
                Manifest.Table(
                    name: finding.table, rows: finding.rows,
                    sha256: try await DatabaseDump.checksum(of: file(of: finding.table))))
        }
        let manifest = Manifest(
            version: Application.version, organization: organization.id, slug: organization.slug,
            name: organization.name, createdAt: now, tables: tables)
        try Data(try JSONWriter.encode(manifest)).write(
            to: URL(filePath: "\(folder)/manifest.json"), options: .atomic)
    }

    /// Takes away what there is of it: it is not whole, and nothing was deleted.
    func discard() { try? FileManager.default.removeItem(atPath: folder) }

    private func file(of table: String) -> String { "\(folder)/\(table).jsonl" }
}
