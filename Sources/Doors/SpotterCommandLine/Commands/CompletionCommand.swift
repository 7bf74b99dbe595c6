/// `spotter completion`
struct CompletionCommand: Command {
    let path = ["completion"]
    let summary = "Print a completion script for bash, zsh or fish"
    let operands = "SHELL"
    let example = "spotter completion bash > /etc/bash_completion.d/spotter"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        switch arguments.words.first {
        case "bash": terminal.print(Self.bash)
        case "zsh": terminal.print("autoload -U +X bashcompinit && bashcompinit\n" + Self.bash)
        case "fish": terminal.print(Self.fish)
        default: throw UsageError("a shell is needed: bash, zsh or fish")
        }
    }

    private static var bash: String {
        let cases = CommandTable.commands.map { command in
            let options = (command.options.map { "--\($0.name)" } + ["--help"]).joined(separator: " ")
            return "    '\(command.path.joined(separator: " "))') words='\(options)' ;;"
        }
        let families = Dictionary(grouping: CommandTable.commands.filter { $0.path.count > 1 }) { $0.path[0] }
        let members = families.sorted { $0.key < $1.key }.map { family, commands in
            "    '\(family)') words='\(commands.map { $0.path[1] }.joined(separator: " "))' ;;"
        }
        var firsts: [String] = []
        for command in CommandTable.commands where !firsts.contains(command.path[0]) { firsts.append(command.path[0]) }
        return """
            _spotter() {
              local current="${COMP_WORDS[COMP_CWORD]}" words='' call="${COMP_WORDS[1]}"
              if [ "$COMP_CWORD" -eq 1 ]; then
                words='\(firsts.joined(separator: " ")) --help'
              else
                [[ $COMP_CWORD -gt 2 && "${COMP_WORDS[2]}" != -* ]] && call="$call ${COMP_WORDS[2]}"
                case "$call" in
            \((cases + members).joined(separator: "\n"))
                esac
              fi
              COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -F _spotter spotter
            """
    }

    private static var fish: String {
        var lines: [String] = []
        for command in CommandTable.commands {
            if command.path.count == 1 {
                lines.append(
                    "complete -c spotter -n __fish_use_subcommand -fa '\(command.path[0])' -d '\(quoted(command.summary))'"
                )
            } else {
                lines.append(
                    "complete -c spotter -n '__fish_seen_subcommand_from \(command.path[0])' -fa '\(command.path[1])' -d '\(quoted(command.summary))'"
                )
                lines.append("complete -c spotter -n __fish_use_subcommand -fa '\(command.path[0])'")
            }
            for option in command.options {
                let value = option.value == nil ? "" : " -r"
                lines.append(
                    "complete -c spotter -n '__fish_seen_subcommand_from \(command.path[0])' -l \(option.name)\(value) -d '\(quoted(option.help))'"
                )
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func quoted(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
    }
}
