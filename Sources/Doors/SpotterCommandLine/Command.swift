/// One command of `spotter`.
protocol Command: Sendable {
    /// The words that call it, such as `["token", "issue"]`.
    var path: [String] { get }
    /// One line for the list of commands.
    var summary: String { get }
    /// What stands for the words that are not options, such as `[DIR]`.
    var operands: String { get }
    var options: [OptionSpec] { get }
    /// A call that works, for the help.
    var example: String { get }

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws
}

extension Command {
    var operands: String { "" }
    var options: [OptionSpec] { [] }
    var title: String { (["spotter"] + path).joined(separator: " ") }

    /// No more words than the command knows what to do with.
    func noMoreThan(_ count: Int, _ arguments: Arguments) throws {
        guard arguments.words.count > count else { return }
        throw UsageError("unexpected \"\(arguments.words[count])\"")
    }
}
