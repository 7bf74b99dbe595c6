import Foundation
import SigningKit
import SpotterCommandLine
import SpotterDomain
import SpotterTokens

extension SpotterProduct {
    func checkToken(_ text: String, isOffline: Bool) async throws -> TokenCheck {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        let described = try TokenDescription(of: text)
        var facts = Self.facts(described)
        let ring = try? signingKeys(data: dataDirectory).load(makingIfMissing: false)
        if let key = described.keyID {
            let isKnown = ring.map { $0.keyIDs.contains(key) ? " (in the ring)" : " (not in the ring)" } ?? ""
            facts.append(("Key", key + isKnown))
        }
        guard described.expiresAt > Date() else {
            return TokenCheck(state: .expired, reason: "This token's time is over.", facts: facts)
        }
        // Who has no database asks none: nothing is made for a mere look.
        guard !isOffline, let inspection = try? await inspectToken(text) else {
            return TokenCheck(
                state: .unverified,
                reason: "Its form and checksum are right. Whether it is good only the installation's database knows.",
                facts: facts)
        }
        guard let record = inspection.record else {
            return TokenCheck(
                state: .foreign, reason: inspection.problem ?? "This installation does not know it.", facts: facts)
        }
        facts.append(("Name", record.name))
        if let revokedAt = record.revokedAt {
            facts.append(("Revoked", Timestamp.string(from: revokedAt)))
            return TokenCheck(state: .revoked, reason: "This token was revoked.", facts: facts)
        }
        return TokenCheck(state: .good, reason: "This token is good.", facts: facts)
    }

    private static func facts(_ token: TokenDescription) -> [(name: String, value: String)] {
        let scopes = token.scopes ?? Role(rawValue: token.role)?.permissions.map(\.rawValue).sorted()
        return [
            ("Token", token.masked), ("Kind", token.kind == "adm" ? "operator's" : "organisation's"),
            ("Id", token.token.description), ("Organisation", token.organization.description),
            ("Subject", token.subject), ("Role", token.role), ("Scopes", scopes?.joined(separator: " ") ?? "unknown"),
            ("Issued", Timestamp.string(from: token.issuedAt)), ("Expires", Timestamp.string(from: token.expiresAt)),
        ]
    }

    func scanForSecrets(_ paths: [String], found: (SecretFinding) -> Void) throws -> SecretScan {
        var (files, findings, unreadable) = (0, 0, [String]())
        for path in paths {
            let inside = Self.files(at: path)
            if inside == nil { unreadable.append(path) }
            for file in inside ?? [] {
                guard let handle = file == "-" ? .standardInput : FileHandle(forReadingAtPath: file) else {
                    unreadable.append(file)
                    continue
                }
                files += 1
                do {
                    for finding in try Self.findings(in: handle) {
                        findings += 1
                        found(
                            SecretFinding(
                                path: file, line: finding.line, column: finding.column, kind: finding.kind.rawValue,
                                masked: finding.masked))
                    }
                } catch { unreadable.append(file) }
            }
        }
        return SecretScan(files: files, findings: findings, unreadable: unreadable)
    }

    /// The file itself, or all files below a folder, but for Git's own; links are not followed. nil for what is not there.
    private static func files(at path: String) -> [String]? {
        guard path != "-" else { return ["-"] }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return nil }
        guard isFolder.boolValue else { return [path] }
        guard let names = FileManager.default.enumerator(atPath: path) else { return nil }
        var files: [String] = []
        while let name = names.nextObject() as? String {
            let type = names.fileAttributes?[.type] as? FileAttributeType
            if type == .typeDirectory, (name as NSString).lastPathComponent == ".git" { names.skipDescendants() }
            if type == .typeRegular { files.append((path as NSString).appendingPathComponent(name)) }
        }
        return files.sorted()
    }

    private static func findings(in handle: FileHandle) throws -> [LeakScanner.Finding] {
        var scanner = LeakScanner(prefix: PasetoTokenSigner.prefix)
        var findings: [LeakScanner.Finding] = []
        while let bytes = try handle.read(upToCount: 1 << 16), !bytes.isEmpty { findings += scanner.scan(bytes) }
        return findings + scanner.finish()
    }
}
