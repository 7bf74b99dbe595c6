import SpotterDomain

/// What memory holds, as a model is told of it: a line for each entry, as many as there is room for.
enum MemoryNote {
    /// The longest value that is shown whole, in characters.
    private static let longestValue = 600

    /// - Parameter tokens: what the note may have.
    /// - Returns: nil where there is nothing to tell.
    static func text(of entries: [MemoryEntry], tokens: Int) -> String? {
        var lines: [String] = []
        var seen: Set<String> = []
        var used = 40
        for entry in entries where seen.insert(entry.key).inserted {
            let line = line(of: entry)
            used += TokenEstimate.tokens(of: line) + 1
            guard used <= tokens else {
                lines.append("(There is more: retrieve_data lists it.)")
                break
            }
            lines.append(line)
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private static func line(of entry: MemoryEntry) -> String {
        let value = entry.value.description
        let shown = value.prefix(longestValue)
        let rest = shown.endIndex == value.endIndex ? "" : " … (retrieve_data has the whole)"
        return "\(entry.scope.kind.rawValue) \(entry.key) = \(shown)\(rest)"
    }
}
