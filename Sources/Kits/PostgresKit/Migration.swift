public import Foundation

/// One step of a database's schema, forward only.
public struct Migration: Sendable, Equatable {
    /// Its place in the order: 1, 2, 3 … without gaps.
    public let version: Int
    /// What it does, in a word or two, such as `organizations`.
    public let name: String
    /// Its statements; they run in one transaction and may not end it.
    public let sql: String
    /// SHA-256 of `sql` in hexadecimal; computed by the server when nil.
    public let checksum: String?

    /// - Parameter version: from 1, without gaps.
    public init(version: Int, name: String, sql: String, checksum: String? = nil) {
        self.version = version
        self.name = name
        self.sql = sql
        self.checksum = checksum
    }

    /// `0001_organizations`, as its file is called.
    var title: String { "\(String(repeating: "0", count: max(0, 4 - "\(version)".count)))\(version)_\(name)" }

    /// Reads every `NNNN_name.sql` of a folder, in order; folders within it are left alone.
    ///
    /// - Throws: `MigrationError` for another `.sql` file's name, or text that is not UTF-8.
    public static func read(folder: String) throws -> [Migration] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".sql") }
        } catch {
            throw MigrationError("the folder of migrations cannot be read: \(folder)")
        }
        return try names.sorted().map { try read(file: $0, folder: folder) }
    }

    private static func read(file: String, folder: String) throws -> Migration {
        let parts = file.dropLast(4).split(separator: "_", maxSplits: 1)
        guard parts.count == 2, parts[0].count == 4, let version = Int(parts[0]), version > 0 else {
            throw MigrationError("\(file): a migration is called NNNN_name.sql, such as 0001_organizations.sql")
        }
        guard let sql = try? String(contentsOfFile: "\(folder)/\(file)", encoding: .utf8) else {
            throw MigrationError("\(file) cannot be read as UTF-8")
        }
        return Migration(version: version, name: String(parts[1]), sql: sql)
    }
}

/// What has been applied to a database and what is still to come.
public struct MigrationStatus: Sendable {
    /// One line of the record.
    public struct Applied: Sendable, Equatable {
        /// Its place in the order.
        public let version: Int
        /// As it was called then.
        public let name: String
        /// SHA-256 of its statements as they were then, in hexadecimal.
        public let checksum: String
        /// By the database's clock.
        public let appliedAt: Date
    }

    /// In order of version.
    public let applied: [Applied]
    /// In the order in which they will be applied.
    public let pending: [Migration]
}

/// Why the migrations cannot go on; a sentence for the person who runs them.
public struct MigrationError: Error, CustomStringConvertible, Sendable {
    /// What is wrong, and what to do about it.
    public let description: String
    init(_ description: String) { self.description = description }
}
