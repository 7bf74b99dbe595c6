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
            try await talk(arguments.words.first, HeededSession(session, terminal), terminal)
        } catch {
            await session.close()
            throw error
        }
        await session.close()
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
    private let interrupts = Mutex(ChatInterrupts())

    init(_ session: any ChatSession, _ terminal: Terminal) {
        self.session = session
        self.terminal = terminal
        session.onInterrupt { [weak self] in self?.interrupt() }
    }

    func say(_ message: String) async throws {
        interrupts.withLock { $0.begin() }
        defer { interrupts.withLock { $0.end() } }
        let printer = EventPrinter(terminal)
        try await session.send(message) { printer.show($0) }
        terminal.print()
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
