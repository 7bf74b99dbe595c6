public import Foundation
import SpotterDomain

/// What stands beside a backup, and says what it is.
public struct BackupManifest: Sendable, Codable {
    /// The form of this file.
    public var format = 1
    /// Of the program that made it.
    public let version: String
    /// The number of the last migration of the database.
    public let migration: Int
    /// The id of the installation, which a restored database keeps.
    public let deployment: String
    /// When it was begun.
    public let createdAt: Date
    /// Of the file, 64 hexadecimal digits.
    public let sha256: String
    /// Of the file.
    public let bytes: Int
    /// The keys by which secrets in it are sealed. They are not inside.
    public let sealingKeyIds: [String]

    /// Puts the manifest together.
    public init(
        version: String, migration: Int, deployment: String, createdAt: Date, sha256: String, bytes: Int,
        sealingKeyIds: [String]
    ) {
        self.version = version
        self.migration = migration
        self.deployment = deployment
        self.createdAt = createdAt
        self.sha256 = sha256
        self.bytes = bytes
        self.sealingKeyIds = sealingKeyIds
    }

    /// Reads a manifest from a file's bytes.
    ///
    /// - Throws: for what is no JSON, lacks a member, or says what no backup has.
    public init(reading bytes: [UInt8]) throws {
        let manifest = try JSONParser.parse(bytes).decodedUnchecked(as: BackupManifest.self)
        guard manifest.sha256.utf8.count == 64, manifest.bytes >= 0, manifest.migration > 0 else {
            throw SpotterError(.invalid, "its figures are not those of a backup")
        }
        self = manifest
    }
}

/// What was done to a restored database, so that nothing in it happens twice.
public struct RestoreReport: Sendable {
    /// Leases of processes that were ended.
    public let leases: Int
    /// Messages that may have been sent since, and wait for a review.
    public let messages: Int
    /// Queues that are held until somebody lets them go on.
    public let queues: Int
    /// Deliveries of hooks that may have been sent since, and were cancelled.
    public let deliveries: Int
    /// Connectors that run only when they are asked.
    public let connectors: Int
    /// Keys that sealed secrets in it and are not in the ring here.
    public let missingKeys: [String]

    /// Puts the report together.
    public init(
        leases: Int, messages: Int, queues: Int, deliveries: Int, connectors: Int, missingKeys: [String]
    ) {
        self.deliveries = deliveries
        self.connectors = connectors
        self.leases = leases
        self.messages = messages
        self.queues = queues
        self.missingKeys = missingKeys
    }
}

/// `spotter backup`
struct BackupCommand: Command {
    let path = ["backup"]
    let summary = "Write the whole database into a file, with a manifest beside it; the keys are not inside"
    let example = "spotter backup --out spotter-2026-11-22.dump"
    let options: [OptionSpec] = [.option("out", "FILE", "Where it goes; FILE.manifest.json beside it.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let file = try arguments.required("out")
        let manifest = try await product.backUp(to: file)
        terminal.print("\(file): \(manifest.bytes) bytes, SHA-256 \(manifest.sha256).")
        terminal.print(
            "The keys that sign tokens and seal secrets are not inside: keep them apart from it, and keep them."
                + (manifest.sealingKeyIds.isEmpty ? "" : " It needs \(manifest.sealingKeyIds.joined(separator: ", ")).")
        )
    }
}

/// `spotter restore`
struct RestoreCommand: Command {
    let path = ["restore"]
    let summary = "Bring a backup back into an empty database, so that nothing in it happens twice"
    let operands = "FILE"
    let example = "spotter restore spotter-2026-11-22.dump"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let file = arguments.words.first else { throw UsageError("the file is needed") }
        let report = try await product.restore(from: file)
        terminal.print(
            "Restored. \(report.leases) leases ended, \(report.messages) messages wait for a review, "
                + "\(report.deliveries) deliveries of hooks were cancelled and can be replayed, \(report.connectors) "
                + "connectors wait to be asked, \(report.queues) queues are held: what was done after the backup is not in "
                + "it. Look, and let them go on with: spotter queue resume --organization SLUG")
        if !report.missingKeys.isEmpty {
            terminal.complain(
                "These sealing keys are not here, and secrets that they seal cannot be opened: "
                    + report.missingKeys.joined(separator: ", "))
        }
    }
}
