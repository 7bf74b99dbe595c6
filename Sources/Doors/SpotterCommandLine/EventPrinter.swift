import SpotterDomain
import Synchronization

/// Shows a run's events as a person wants to see them.
final class EventPrinter: Sendable {
    private let terminal: Terminal
    private let asks: Bool
    /// Whether text was written that has not ended its line.
    private let isMidLine = Mutex(false)

    /// - Parameter asks: whether somebody is asked right after an approval is shown; otherwise it is said how to decide.
    init(_ terminal: Terminal, asks: Bool = false) {
        self.terminal = terminal
        self.asks = asks
    }

    func show(_ event: Event) {
        if event.type == EventType.messageDelta.rawValue {
            guard let text = event.data["text"]?.string, !text.isEmpty else { return }
            isMidLine.withLock { $0 = !text.hasSuffix("\n") }
            return terminal.write(Self.safe(text))
        }
        switch EventType(rawValue: event.type) {
        case .toolStarted:
            endLine()
            let name = event.data["tool"]?.string ?? ""
            let arguments = event.data["arguments"]?.description ?? ""
            terminal.print(terminal.dim("[\(Self.safe(name)) \(Self.safe(arguments))]"))
        case .approvalRequested:
            endLine()
            showApproval(event.data)
        case .approvalDecided:
            let (by, comment) = (event.data["by"]?.string ?? "", event.data["comment"]?.string)
            let decision = event.data["approved"] == true ? terminal.green("approved") : terminal.red("rejected")
            terminal.print("\(decision) by \(Self.safe(by))\(comment.map { ": \(Self.safe($0))" } ?? "")")
        case .approvalExpired: terminal.print(terminal.red("nobody decided in time"))
        case .toolFailed: terminal.print(terminal.red(Self.safe(event.data["result"]?.string ?? "the tool failed")))
        case .executionCancelled: terminal.write(terminal.dim("\n(cancelled)"))
        case .executionFailed:
            terminal.print(terminal.red(Self.safe(event.data["message"]?.string ?? "the turn failed")))
        case .phaseAdvanced:
            endLine()
            showPlan(event.data)
        case .stepProgress where event.data["stage"] == "think":
            let (iteration, most) = (event.data["iteration"]?.int ?? 0, event.data["max_iterations"]?.int ?? 0)
            let percentage = event.data["percentage"]?.int.map { ", \($0) percent" } ?? ""
            endLine()
            terminal.print(terminal.dim("-- iteration \(iteration) of at most \(most)\(percentage)"))
        default: break
        }
    }

    /// What is awaited, and how somebody decides: until then nothing more is heard.
    private func showApproval(_ approval: JSONValue) {
        let id = Self.safe(approval["approval_id"]?.string ?? "")
        terminal.print(terminal.bold("Waiting for an approval: \(Self.safe(approval["message"]?.string ?? ""))"))
        if let tool = approval["tool"]?.string {
            terminal.print("  \(Self.safe(tool)) \(Self.safe(approval["arguments"]?.description ?? ""))")
        }
        if !asks {
            let body = #"{"approved": true}"#
            terminal.print("  Decide with POST /v1/approvals/\(id)/decision and \(body), or false to refuse.")
        }
        if let end = approval["expires_at"]?.string { terminal.print("  Until \(Self.safe(end)).") }
    }

    /// Ends the line that text was written on.
    private func endLine() {
        let wasMidLine = isMidLine.withLock { flag in
            defer { flag = false }
            return flag
        }
        if wasMidLine { terminal.print() }
    }

    private func showPlan(_ plan: JSONValue) {
        for phase in plan["phases"]?.array ?? [] {
            let (title, state) = (phase["title"]?.string ?? "", phase["state"]?.string ?? "")
            let mark = state == "completed" ? terminal.green("✓") : state == "active" ? terminal.bold("›") : " "
            terminal.print(
                "  \(mark) \(Self.safe(title))"
                    + (phase["summary"]?.string.map { terminal.dim("  \(Self.safe($0))") } ?? ""))
        }
    }

    /// Without control characters: a model's text must not steer the terminal.
    static func safe(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter {
                    $0 == "\n" || $0 == "\t" || $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value)
                }))
    }
}
