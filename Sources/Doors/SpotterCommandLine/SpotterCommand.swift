import SpotterDomain

/// The `spotter` program: finds the command, runs it, and turns what goes wrong into words and an exit code.
public enum SpotterCommand {
    /// 0 well, 1 failed (also when the output could not be written), 2 called wrongly, 141 where whoever read the output
    /// had read enough, as from a program that SIGPIPE ends.
    public static func run(_ arguments: [String], _ product: any Product, _ terminal: Terminal) async -> Int32 {
        let code = await answer(arguments, product, terminal)
        if terminal.isUnread, code == 0 || code == 130 { return 141 }
        guard code == 0 || code == 130, terminal.hasLostOutput else { return code }
        terminal.complain("\(terminal.red("error:")) the output could not be written")
        return 1
    }

    private static func answer(
        _ arguments: [String], _ product: any Product, _ terminal: Terminal
    ) async -> Int32 {
        let wantsHelp = arguments.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
        let words = arguments.filter { $0 != "--help" && $0 != "-h" }
        guard let first = words.first, first != "help" else {
            terminal.print(Help.overview(version: product.version))
            return arguments.isEmpty ? 2 : 0
        }
        guard let (command, rest) = CommandTable.find(words) else { return unknown(words, wantsHelp, terminal) }
        if wantsHelp {
            terminal.print(Help.text(for: command))
            return 0
        }
        do {
            let arguments = try Arguments(rest, allowing: command.options)
            try await command.withAudit { try await command.run(arguments, product, terminal) }
            return 0
        } catch let error as UsageError {
            guard !rest.contains("--json") else {
                report(SpotterError(.invalid, "\(error). See: \(command.title) --help"), asJSON: true, terminal)
                return 2
            }
            terminal.complain("\(terminal.red("error:")) \(error). See: \(command.title) --help")
            return 2
        } catch is CancellationError {
            return 130
        } catch {
            report(error, asJSON: rest.contains("--json"), terminal)
            return 1
        }
    }

    private static func unknown(_ words: [String], _ wantsHelp: Bool, _ terminal: Terminal) -> Int32 {
        if let family = Help.family(words[0]) {
            wantsHelp ? terminal.print(family) : terminal.complain(family)
            return wantsHelp ? 0 : 2
        }
        if words[0] == "--version" {
            terminal.complain("error: it is called `spotter version`")
            return 2
        }
        let names =
            CommandTable.commands.map { $0.path.joined(separator: " ") } + CommandTable.commands.map { $0.path[0] }
        let hint = DidYouMean.hint(for: words.prefix(2).joined(separator: " "), among: names)
        let problem = DidYouMean.sentence("there is no command \"\(words[0])\"\(hint)")
        terminal.complain("\(terminal.red("error:")) \(problem) See: spotter --help")
        return 2
    }

    private static func report(_ error: any Error, asJSON: Bool, _ terminal: Terminal) {
        let known = error as? SpotterError
        let message =
            known.map { ([$0.message] + $0.issues.dropFirst().map { "\($0.pointer) \($0.message)" }) } ?? ["\(error)"]
        guard asJSON else {
            terminal.complain("\(terminal.red("error:")) " + message.joined(separator: "\n       "))
            return
        }
        let body: JSONValue = [
            "error": [
                "code": .string(known?.code.rawValue ?? "failed"), "message": .string(message.joined(separator: "\n")),
            ]
        ]
        terminal.complain(body.description)
    }
}
