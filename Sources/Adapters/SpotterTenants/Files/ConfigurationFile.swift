import Foundation
import SpotterDomain

/// One file that somebody names: YAML, or JSON where its name ends in `.json`.
struct ConfigurationFile: Sendable {
    private let folder: ConfigurationFolder
    private let name: String

    /// - Parameter path: the file; messages name it so.
    init(path: String) {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { path[...$0] } ?? "./"
        folder = ConfigurationFolder(path: String(parent.count > 1 ? parent.dropLast() : parent), ending: "")
        name = String(slash.map { path[path.index(after: $0)...] } ?? path[...])
    }

    /// What it holds.
    func document() throws(ConfigurationError) -> ConfigurationDocument {
        let text = try folder.read(name)
        guard name.lowercased().hasSuffix(".json") else { return try ConfigurationDocument(yaml: text) }
        return try ConfigurationDocument(json: text)
    }
}

extension ConfigurationDocument {
    /// Reads a file that is JSON all through. Nearly all JSON is YAML as well, which knows the places of its parts; where
    /// it is not, they are at the beginning of the file.
    init(json source: SourceText) throws(ConfigurationError) {
        let value: JSONValue
        do throws(JSONParser.Failure) {
            value = try JSONParser.parse(source.bytes)
        } catch {
            throw ConfigurationError([source.issue(at: source.place(ofByte: error.offset), error.message)])
        }
        if let document = try? ConfigurationDocument(yaml: source), document.holds(value) {
            self = document
        } else {
            self.init(value, in: source)
        }
    }
}

extension SourceText {
    /// The line and column of a byte.
    fileprivate func place(ofByte offset: Int) -> ConfigurationIssue.Place {
        let before = bytes.prefix(offset)
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let column = before[start...].count { $0 & 0xC0 != 0x80 } + 1
        return .init(line: line, column: column)
    }
}
