/// An option of a command.
struct OptionSpec: Sendable {
    /// Without the dashes.
    let name: String
    /// What stands for the value in the help; nil for a flag.
    let value: String?
    let help: String

    static func flag(_ name: String, _ help: String) -> OptionSpec { OptionSpec(name: name, value: nil, help: help) }
    static func option(_ name: String, _ value: String, _ help: String) -> OptionSpec {
        OptionSpec(name: name, value: value, help: help)
    }
}
