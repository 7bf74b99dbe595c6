/// The content of one configuration file, and what to call the file in messages.
struct SourceText: Sendable {
    let file: String
    let bytes: [UInt8]

    func issue(at place: ConfigurationIssue.Place = .start, _ message: String) -> ConfigurationIssue {
        ConfigurationIssue(file: file, place: place, message: message)
    }
}
