import SpotterDomain
import Synchronization

/// Shows how far the nodes of a run are: on a screen one list that changes in its place, elsewhere a line for each change.
final class FlowPrinter: Sendable {
    private struct Shown {
        /// How many lines of the list stand above the cursor.
        var lines = 0
        var states: [String: String] = [:]
    }

    private let terminal: Terminal
    private let shown = Mutex(Shown())

    init(_ terminal: Terminal) { self.terminal = terminal }

    func show(_ progress: FlowProgress) {
        shown.withLock { shown in
            guard terminal.isInteractive else { return showChanges(progress, &shown) }
            // Also the lines of a list that has become shorter go.
            if shown.lines > 0 { terminal.write("\u{1B}[\(shown.lines)A\u{1B}[J") }
            let lines = lines(progress)
            for line in lines { terminal.write("\u{1B}[2K\(line)\n") }
            shown.lines = lines.count
        }
    }

    /// Leaves the list as it stands: what comes next is written below it.
    func leave() { shown.withLock { $0.lines = 0 } }

    /// More nodes than fit a screen would not stay in their places: those that matter now are shown.
    private static let mostLines = 30

    private func lines(_ progress: FlowProgress) -> [String] {
        let isLong = progress.nodes.count > Self.mostLines
        let nodes = isLong ? progress.nodes.filter { $0.state == "running" || $0.state == "failed" } : progress.nodes
        let rest = isLong ? ["  … \(progress.nodes.count) nodes"] : []
        return nodes.prefix(Self.mostLines).map(line) + rest + [terminal.dim("  \(progress.percentage) percent")]
    }

    private func showChanges(_ progress: FlowProgress, _ shown: inout Shown) {
        for node in progress.nodes {
            let state = "\(node.state) \(node.round)"
            guard shown.states[node.id] != state, node.state != "pending" || shown.states[node.id] != nil else {
                continue
            }
            shown.states[node.id] = state
            terminal.print(line(node) + "  \(node.state)")
        }
    }

    private func line(_ node: FlowProgress.Node) -> String {
        let mark =
            switch node.state {
            case "completed": terminal.green("✓")
            case "failed": terminal.red("✗")
            case "running": terminal.bold("›")
            case "skipped": terminal.dim("–")
            default: " "
            }
        var text = "  \(mark) \(EventPrinter.safe(node.name))"
        if node.round > 1 { text += terminal.dim("  round \(node.round)") }
        if node.attempts > 1 { text += terminal.dim("  try \(node.attempts)") }
        return text
    }
}
