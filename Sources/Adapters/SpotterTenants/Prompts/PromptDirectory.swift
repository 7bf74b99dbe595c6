public import SpotterDomain

/// The folder `templates/prompts/`: the texts that agents on their own are guided by, one file each.
public struct PromptDirectory: Sendable {
    private let folder: ConfigurationFolder

    /// - Parameter path: the folder; messages name files by it.
    public init(path: String) { folder = ConfigurationFolder(path: path, ending: ".md") }

    /// The texts.
    ///
    /// - Throws: the issues one by one: a file that is missing or empty, one that nothing reads, a place that is none.
    public func read() throws(ConfigurationError) -> AutonomyPrompts {
        var (files, issues) = try folder.read()
        var texts: [AutonomyPrompts.Name: String] = [:]
        for file in files {
            guard let name = AutonomyPrompts.Name(rawValue: Self.stem(file.file)) else {
                let known = AutonomyPrompts.Name.allCases.map(\.rawValue)
                let hint = DidYouMean.hint(for: Self.stem(file.file), among: known)
                issues.append(file.issue("is read by nothing\(hint): \(known.joined(separator: ", "))"))
                continue
            }
            let text = Self.text(of: file)
            if text.allSatisfy(\.isWhitespace) { issues.append(file.issue("must not be empty")) }
            issues += Self.issues(of: file, name)
            texts[name] = text
        }
        for name in AutonomyPrompts.Name.allCases where texts[name] == nil {
            issues.append(
                ConfigurationIssue(
                    file: folder.path, place: .start, message: "must hold \(name.rawValue).md"))
        }
        guard issues.isEmpty, let prompts = AutonomyPrompts(texts) else { throw ConfigurationError(issues) }
        return prompts
    }

    private static func stem(_ file: String) -> String {
        String((file.split(separator: "/").last ?? "").dropLast(".md".count))
    }

    private static func text(of file: SourceText) -> String {
        var text = String(decoding: file.bytes, as: UTF8.self)
        while let last = text.last, last.isNewline { text.removeLast() }
        return text
    }

    /// Places that nothing fills in.
    private static func issues(of file: SourceText, _ name: AutonomyPrompts.Name) -> [ConfigurationIssue] {
        guard let text = String(validating: file.bytes, as: UTF8.self) else {
            return [file.issue("is not valid UTF-8")]
        }
        let known = AutonomyPrompts.places(of: name)
        var issues: [ConfigurationIssue] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            for match in line.matches(of: /\{\{(.*?)\}\}/) where !known.contains(String(match.1)) {
                let column = line.unicodeScalars.distance(from: line.startIndex, to: match.range.lowerBound) + 1
                let hint = DidYouMean.hint(for: String(match.1), among: Array(known))
                let message = "has {{\(match.1)}}, which nothing fills in\(hint)"
                issues.append(file.issue(at: .init(line: number + 1, column: column), message))
            }
        }
        return issues
    }
}
