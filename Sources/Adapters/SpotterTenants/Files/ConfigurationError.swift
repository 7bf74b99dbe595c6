public import SpotterDomain

/// Everything wrong with a folder of files, found in one reading. Nothing of the folder is used.
public struct ConfigurationError: Error, Sendable, Hashable {
    /// How many issues are spelled out in a text; the rest is counted.
    private static let shown = 100

    /// At least one; by file and place.
    public let issues: [ConfigurationIssue]

    /// An error of these issues, which are put in order.
    public init(_ issues: [ConfigurationIssue]) {
        self.issues = issues.sorted()
    }

    init(folder: String, _ message: String) {
        self.init([ConfigurationIssue(file: folder, place: nil, message: message)])
    }

    /// As the error that crosses rooms: one line an issue.
    public var spotterError: SpotterError { SpotterError(.invalid, description, cause: self) }
}

extension ConfigurationError: CustomStringConvertible {
    /// One line an issue, at most a hundred of them.
    public var description: String {
        var lines = issues.prefix(Self.shown).map(\.description)
        if issues.count > Self.shown { lines.append("… and \(issues.count - Self.shown) more") }
        return lines.joined(separator: "\n")
    }
}
