import Foundation
import SpotterDomain
import Synchronization

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
            try await talk(
                arguments.words.first, HeededSession(session, terminal, asks: isAsked(arguments, terminal)), terminal)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
    }

    /// Whether somebody is there to say yes or no: at a screen, or as the next line of a conversation that is piped in.
    private func isAsked(_ arguments: Arguments, _ terminal: Terminal) -> Bool {
        arguments.words.isEmpty || terminal.isInteractive
    }

    private func talk(_ message: String?, _ session: HeededSession, _ terminal: Terminal) async throws {
        if let message { return try await session.say(message) }
        if terminal.isInteractive {
            let name = session.session.agent.settings.name
            terminal.print(terminal.dim("You are talking to \(name). Ctrl-C cancels an answer, an empty line ends it."))
        }
        while true {
            if terminal.isInteractive { terminal.write(terminal.bold("you  ")) }
            guard let line = terminal.read(), !line.isEmpty else { return }
            try await session.say(line)
        }
    }
}

/// A session that heeds Ctrl-C.
private final class HeededSession: Sendable {
    let session: any ChatSession
    private let terminal: Terminal
    private let asks: Bool
    private let interrupts = Mutex(ChatInterrupts())

    /// - Parameter asks: whether somebody is asked about what the agent may not do by itself.
    init(_ session: any ChatSession, _ terminal: Terminal, asks: Bool) {
        self.session = session
        self.terminal = terminal
        self.asks = asks
        session.onInterrupt { [weak self] in self?.interrupt() }
    }

    func say(_ message: String) async throws {
        interrupts.withLock { $0.begin() }
        defer { interrupts.withLock { $0.end() } }
        let printer = EventPrinter(terminal, asks: asks)
        try await session.send(message) { [self] event in
            printer.show(event)
            if asks, event.type == EventType.approvalRequested.rawValue { try await decide(on: event.data) }
        }
        terminal.print()
    }

    /// Asks until there is an answer. Without one, at the end of the input, it waits for somebody elsewhere.
    private func decide(on approval: JSONValue) async throws {
        guard let id = approval["approval_id"]?.string.flatMap({ ApprovalID($0) }) else { return }
        while true {
            terminal.write(terminal.bold("Approve? y/n  "))
            guard let answer = terminal.read() else {
                terminal.print()
                return terminal.print("  Nobody has answered: spotter approvals approve \(id), or reject, decides.")
            }
            let approved: Bool
            switch answer.lowercased().filter({ !$0.isWhitespace }) {
            case "y", "yes": approved = true
            case "n", "no": approved = false
            default: continue
            }
            do {
                // What was shown, and nothing that it has become since.
                let decision = ConsoleDecision(
                    approved: approved, comment: nil, role: .owner,
                    argumentsHash: approval["arguments_hash"]?.string)
                return try await session.decide(decision, on: id)
            } catch let error as SpotterError where [.conflict, .unprocessable].contains(error.code) {
                // Somebody else was quicker, or it has expired: the events tell what became of it.
                return terminal.complain(error.message)
            }
        }
    }

    private func interrupt() {
        switch interrupts.withLock({ $0.receive() }) {
        case .leave: exit(130)
        case .cancel:
            // The signal does not wait; what becomes of the answer tell its events.
            Task { [session, terminal] in
                do { try await session.cancel() } catch {
                    terminal.complain("not cancelled: \((error as? SpotterError)?.message ?? "\(error)")")
                }
            }
        }
    }
}
