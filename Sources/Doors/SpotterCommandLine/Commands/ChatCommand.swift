import SpotterDomain

/// `spotter chat`: a conversation in the terminal.
struct ChatCommand: Command {
    let path = ["chat"]
    let summary = "Chat with an agent in the terminal"
    let operands = "[MESSAGE]"
    let example = "spotter chat --organization iron-temple --agent \"Support Assistant\""
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "The gym."),
        .option("agent", "NAME", "The agent's name, role or id. Default support-assistant."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let session = try await product.openChat(
            organization: arguments.required("organization"), agent: arguments["agent"] ?? "support-assistant")
        do {
            try await talk(arguments.words.first, session, terminal)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    private func talk(_ message: String?, _ session: any ChatSession, _ terminal: Terminal) async throws {
        if let message { return try await say(message, session, terminal) }
        if terminal.isInteractive {
            terminal.print(terminal.dim("You are talking to \(session.agent.settings.name). An empty line ends it."))
        }
        while true {
            if terminal.isInteractive { terminal.write(terminal.bold("you  ")) }
            guard let line = terminal.read(), !line.isEmpty else { return }
            try await say(line, session, terminal)
        }
    }

    private func say(_ message: String, _ session: any ChatSession, _ terminal: Terminal) async throws {
        let printer = EventPrinter(terminal)
        try await session.send(message) { printer.show($0) }
        terminal.print()
    }
}

/// Shows a turn's events as a person wants to see them.
private struct EventPrinter: Sendable {
    let terminal: Terminal

    init(_ terminal: Terminal) { self.terminal = terminal }

    func show(_ event: Event) {
        switch EventType(rawValue: event.type) {
        case .messageDelta: if let text = event.data["text"]?.string { terminal.write(Self.safe(text)) }
        case .toolStarted:
            let name = event.data["tool"]?.string ?? ""
            let arguments = event.data["arguments"]?.description ?? ""
            terminal.print(terminal.dim("[\(name) \(Self.safe(arguments))]"))
        case .toolFailed: terminal.print(terminal.red(Self.safe(event.data["result"]?.string ?? "the tool failed")))
        case .executionFailed:
            terminal.print(terminal.red(Self.safe(event.data["message"]?.string ?? "the turn failed")))
        default: break
        }
    }

    /// Without control characters: a model's text must not steer the terminal.
    private static func safe(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0 == "\n" || $0 == "\t" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
                }))
    }
}
