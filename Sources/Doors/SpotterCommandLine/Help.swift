/// The texts of `--help`.
enum Help {
    static func overview(version: String) -> String {
        let width = CommandTable.commands.map { $0.path.joined(separator: " ").count }.max() ?? 0
        let lines = CommandTable.commands.map { command in
            let name = command.path.joined(separator: " ")
            return "  " + name + String(repeating: " ", count: width - name.count + 2) + command.summary
        }
        return """
            Spotter \(version): a staff of AI agents for every gym.

            Usage: spotter COMMAND [OPTIONS]

            \(lines.joined(separator: "\n"))

            `spotter COMMAND --help` says more. Example: spotter up
            """
    }

    static func text(for command: any Command) -> String {
        var options = command.options
        options.append(.flag("help", "Print this help."))
        let heads = options.map { "--\($0.name)" + ($0.value.map { " \($0)" } ?? "") }
        let width = heads.map(\.count).max() ?? 0
        let lines = zip(heads, options).map { head, option in
            "  " + head + String(repeating: " ", count: width - head.count + 2) + option.help
        }
        let operands = command.operands.isEmpty ? "" : " \(command.operands)"
        return """
            \(command.summary)

            Usage: \(command.title) [OPTIONS]\(operands)

            Options:
            \(lines.joined(separator: "\n"))

            Example:
              \(command.example)
            """
    }

    /// The commands that begin with `word`, for a word that names a family such as `token`.
    static func family(_ word: String) -> String? {
        let members = CommandTable.commands.filter { $0.path.first == word && $0.path.count > 1 }
        guard !members.isEmpty else { return nil }
        let lines = members.map { "  \($0.title)  —  \($0.summary)" }
        return "spotter \(word) is one of:\n\n" + lines.joined(separator: "\n")
    }
}
