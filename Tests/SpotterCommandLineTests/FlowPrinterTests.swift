import Foundation
import SpotterDomain
import Synchronization
import Testing

@testable import SpotterCommandLine

/// How far a run is, as people see it in a terminal.
struct FlowPrinterTests {
    private final class Screen: Sendable {
        let text = Mutex("")
        let isInteractive: Bool

        init(isInteractive: Bool) { self.isInteractive = isInteractive }

        var terminal: Terminal {
            Terminal(
                isInteractive: isInteractive, usesColor: false,
                output: { text in
                    self.text.withLock { $0 += text }
                    return .written
                }, errors: { _ in }, input: { nil })
        }

        /// What was written since the last look.
        func take() -> String {
            text.withLock { text in
                defer { text = "" }
                return text
            }
        }
    }

    private func progress(_ nodes: [(String, String)], round: Int = 1, attempts: Int = 1) -> FlowProgress {
        FlowProgress(
            nodes: nodes.map { .init(id: $0.0, name: $0.0, state: $0.1, round: round, attempts: attempts) },
            currentNodes: [], executionPath: [], errors: [], percentage: 50)
    }

    @Test func `on a screen the list changes in its place`() {
        let screen = Screen(isInteractive: true)
        let printer = FlowPrinter(screen.terminal)
        printer.show(progress([("plan", "running"), ("build", "pending")]))
        #expect(screen.take() == "\u{1B}[2K  › plan\n\u{1B}[2K    build\n\u{1B}[2K  50 percent\n")
        printer.show(progress([("plan", "completed"), ("build", "failed")], round: 2, attempts: 3))
        let text = screen.take()
        // Up over the three lines, and what stood there goes.
        #expect(text.hasPrefix("\u{1B}[3A\u{1B}[J"))
        #expect(text.contains("  ✓ plan  round 2  try 3\n") && text.contains("  ✗ build  round 2  try 3\n"))
    }

    @Test func `what comes after it was left stands below it`() {
        let screen = Screen(isInteractive: true)
        let printer = FlowPrinter(screen.terminal)
        printer.show(progress([("plan", "running")]))
        printer.leave()
        _ = screen.take()
        printer.show(progress([("plan", "completed")]))
        #expect(!screen.take().contains("A\u{1B}[J"))
    }

    @Test func `of more nodes than fit those are shown that matter now`() {
        let screen = Screen(isInteractive: true)
        let nodes = (0..<40).map { ("n\($0)", $0 == 7 ? "running" : $0 == 8 ? "failed" : "completed") }
        FlowPrinter(screen.terminal).show(progress(nodes))
        let text = screen.take()
        #expect(text.contains("› n7\n") && text.contains("✗ n8\n") && text.contains("… 40 nodes"))
        #expect(!text.contains("n9") && text.filter { $0 == "\n" }.count == 4)
    }

    @Test func `elsewhere each change is a line, once, and nothing of it is a command to the terminal`() {
        let screen = Screen(isInteractive: false)
        let printer = FlowPrinter(screen.terminal)
        printer.show(progress([("plan", "pending"), ("b\u{1B}[2J", "running")]))
        let first = screen.take()
        #expect(first.contains("running") && !first.contains("\u{1B}") && !first.contains("plan"))
        printer.show(progress([("plan", "pending"), ("b\u{1B}[2J", "running")]))
        #expect(screen.take().isEmpty)
        printer.show(progress([("plan", "completed"), ("b\u{1B}[2J", "running")]))
        #expect(screen.take() == "  ✓ plan  completed\n")
    }

    @Test func `a run that waits names what it waits for, who decides, and how`() {
        let screen = Screen(isInteractive: false)
        let run = ExecutionID(UUID())
        var execution = Execution(
            id: run, kind: .workflow, state: .waiting, attempt: 0, conversationId: nil, agentId: nil, agentVersion: nil,
            input: [:], createdAt: Date(timeIntervalSince1970: 0))
        let approval = Approval(
            id: ApprovalID(UUID()), execution: run, message: "Deploy\u{1B}[2J?", tool: nil, arguments: nil,
            argumentsHash: "", approvers: [.role(.staff)], mode: .any, createdAt: Date(timeIntervalSince1970: 0),
            expiresAt: Date(timeIntervalSince1970: 60), onTimeout: .reject)
        FlowRun.report(execution, waitingFor: [approval], of: "gym", screen.terminal)
        let text = screen.take()
        #expect(text.contains("Waiting for an approval: Deploy") && !text.contains("\u{1B}"))
        #expect(text.contains("Who may decide: role:staff\n"))
        #expect(text.contains("  spotter approvals approve \(approval.id) --organization gym --as staff\n"))
        #expect(text.contains("  spotter approvals reject \(approval.id) --organization gym --as staff\n"))
        #expect(text.contains("  Until 1970-01-01T00:01:00.000Z.\n"))
        execution.state = .completed
        FlowRun.report(execution, waitingFor: [], of: "gym", screen.terminal)
        #expect(screen.take() == "\(run)  completed\n")
    }
}
