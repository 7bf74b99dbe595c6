import SpotterDomain

/// Names that must differ between files; whoever comes second is told where the first stands.
struct UniqueNames {
    /// The JSON pointer of the member that holds the name.
    let field: String
    /// Where each name was met first.
    private var owners: [String: String] = [:]

    init(field: String) { self.field = field }

    /// Notes the document's name, which counts as the same in any case and however Unicode composes it.
    ///
    /// - Returns: an issue if another file has it already; nothing if there is no name, which the schema reports.
    mutating func claim(in document: ConfigurationDocument) -> [ConfigurationIssue] {
        guard let name = document.string(at: field) else { return [] }
        if let owner = owners[name.lowercased()] {
            return [document.issue(FieldIssue(pointer: field, message: "is taken: \(owner) has the same"))]
        }
        let place = document.place(of: field)
        owners[name.lowercased()] = "\(document.source.file):\(place.line):\(place.column)"
        return []
    }
}
