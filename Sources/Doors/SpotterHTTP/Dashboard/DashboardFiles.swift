import Foundation
import HTTPServerKit
public import SpotterDomain
import Synchronization

/// The files of the dashboard: a catalogue made once from a folder. What is not in it is not served, whatever the path.
///
/// The page itself is always asked for anew; it names every other file under the hash of all of them, so that these
/// can be kept for ever.
public final class DashboardFiles: Sendable {
    /// One file as it is sent.
    struct File: Sendable {
        let type: String
        let bytes: [UInt8]
        /// Packed, where that is shorter.
        let packed: [UInt8]?
        /// A strong entity tag.
        let tag: String
    }

    /// All of them at one time.
    struct Catalogue: Sendable {
        /// The hash of everything.
        let build: String
        let page: File?
        /// By their paths in the folder.
        let files: [String: File]
        /// When the newest of them was changed.
        let changed: Date

        static let empty = Catalogue(build: "", page: nil, files: [:], changed: .distantPast)
    }

    private let folder: String?
    private let digest: any ContentDigest
    private let read = Mutex<Catalogue?>(nil)

    /// - Parameters:
    ///   - folder: where they are; nil for none. It is read when the first request comes.
    ///   - digest: names what a file holds.
    public init(folder: String?, digest: any ContentDigest) {
        // A link to the folder is as good as the folder; links within it are not followed.
        self.folder = folder.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath().path }
        self.digest = digest
    }

    /// What there is.
    ///
    /// - Parameter isChecked: whether a change since it was read counts. The page's files are asked for under the hash of
    ///   the page that names them, so that looking when the page is asked for is enough.
    func catalogue(isChecked: Bool) -> Catalogue {
        read.withLock { known in
            if let known, !isChecked || !isStale(known) { return known }
            let fresh = folder.flatMap { try? load($0) } ?? .empty
            known = fresh
            return fresh
        }
    }

    /// While somebody works on the dashboard, a change shows with the next request; a release reads its files once.
    private func isStale(_ catalogue: Catalogue) -> Bool {
        #if DEBUG
            guard let folder else { return false }
            return Self.paths(in: folder).compactMap { Self.changed(folder + "/" + $0) }.max() != catalogue.changed
        #else
            return false
        #endif
    }

    /// Where the page is told the hash of all files.
    private static let placeholder = "{{build}}"
    private static let page = "index.html"

    private func load(_ folder: String) throws -> Catalogue {
        var files: [String: File] = [:]
        var hashes: [String] = []
        var changed = Date.distantPast
        let paths = Self.paths(in: folder)
        let written = try Dictionary(
            uniqueKeysWithValues: paths.map { path in
                (path, try Array(Data(contentsOf: URL(fileURLWithPath: folder + "/" + path))))
            })
        for path in paths {
            let file = try file(Self.joined(path, among: written), at: path)
            hashes.append("\(path) \(file.tag)")
            changed = max(changed, Self.changed(folder + "/" + path) ?? changed)
            files[path] = file
        }
        let build = String(try digest.hex(Array(hashes.joined(separator: "\n").utf8)).prefix(16))
        var page: File?
        if let written = files.removeValue(forKey: Self.page) {
            let text = String(decoding: written.bytes, as: UTF8.self)
            page = try file(Array(text.replacing(Self.placeholder, with: build).utf8), at: Self.page)
        }
        return Catalogue(build: build, page: page, files: files, changed: changed)
    }

    /// A file as it is sent: a style sheet has the sheets of its folder that it imports in it, so that a browser asks once
    /// and does not have to read one to know of the next. Sheets that are imported import nothing themselves.
    private static func joined(_ path: String, among written: [String: [UInt8]]) -> [UInt8] {
        let bytes = written[path] ?? []
        guard path.hasSuffix(".css") else { return bytes }
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let parts = lines.map { line -> [UInt8] in
            let text = String(decoding: line, as: UTF8.self)
            guard let name = text.wholeMatch(of: /@import '([a-z-]+\.css)';/)?.1 else { return Array(line) }
            return written[folder + name] ?? Array(line)
        }
        return Array(parts.joined(separator: [UInt8(ascii: "\n")]))
    }

    private func file(_ bytes: [UInt8], at path: String) throws -> File {
        let packed = Gzip.compress(bytes).flatMap { $0.count < bytes.count ? $0 : nil }
        let type = Self.types[(path as NSString).pathExtension] ?? ""
        return File(type: type, bytes: bytes, packed: packed, tag: String(try digest.hex(bytes).prefix(32)))
    }

    /// What a browser is told that a file is. Others than these are not part of the dashboard.
    private static let types = [
        "html": "text/html; charset=utf-8", "js": "text/javascript; charset=utf-8",
        "css": "text/css; charset=utf-8", "svg": "image/svg+xml; charset=utf-8",
    ]

    /// The paths of the folder's files, in order; hidden ones and what lies behind links are left out.
    private static func paths(in folder: String) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: folder) else { return [] }
        return all.compactMap { $0 as? String }.filter { path in
            types[(path as NSString).pathExtension] != nil
                && !path.split(separator: "/").contains { $0.hasPrefix(".") }
        }.sorted()
    }

    private static func changed(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
}
