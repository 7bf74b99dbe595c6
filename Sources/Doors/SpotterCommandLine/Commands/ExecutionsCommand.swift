import Foundation
import SpotterDomain

/// `spotter executions show`: a run as a timeline.
struct ExecutionsShowCommand: Command {
    let path = ["executions", "show"]
    let summary = "Show an execution as a timeline"
    let operands = "EXECUTION"
    let example = "spotter executions show exec_01m7z… --organization iron-temple"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose execution."), .flag("events", "Every event, not the steps alone."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let word = arguments.words.first else { throw UsageError("the id of an execution is needed") }
        guard let id = ExecutionID(word) else { throw UsageError("\(word) is not the id of an execution (exec_…)") }
        let (journal, events) = try await product.timeline(
            of: id, organization: arguments.required("organization"))
        if arguments.has("json") {
            terminal.print(try Self.document(journal, events).description)
        } else {
            Timeline(journal: journal, events: arguments.has("events") ? events : []).print(on: terminal)
        }
    }

    private static func document(_ journal: Journal, _ events: [Event]) throws -> JSONValue {
        [
            "execution": try JSONValue(encoding: journal.execution), "steps": try JSONValue(encoding: journal.steps),
            "events": .array(
                events.map { event in
                    [
                        "id": .string("\(event.position)"), "type": .string(event.type),
                        "at": .string(Timestamp.string(from: event.at)), "data": event.data,
                    ]
                }),
        ]
    }
}

/// A journal drawn for a terminal: one line a step, its time since the beginning, and a bar for how long it took.
private struct Timeline {
    let journal: Journal
    let events: [Event]
    private static let barWidth = 24

    private var execution: Execution { journal.execution }
    private var start: Date { execution.startedAt ?? execution.createdAt }
    private var end: Date {
        execution.completedAt ?? journal.steps.compactMap { $0.completedAt ?? $0.startedAt }.max() ?? start
    }

    func print(on terminal: Terminal) {
        terminal.print(terminal.bold("\(execution.id)") + "  \(execution.kind.rawValue), \(execution.state.rawValue)")
        terminal.print(
            "asked for \(Timestamp.string(from: execution.createdAt)), taken up \(execution.attempt) times, "
                + "\(execution.usage.modelCalls) model calls, billed \(execution.cost.billed.amount) "
                + execution.cost.billed.currency)
        for step in journal.steps { print(step, on: terminal) }
        for event in events { terminal.print(terminal.dim("\(offset(of: event.at))  \(event.type)  \(event.data)")) }
        if let step = execution.currentStep { terminal.print("now: \(step)") }
        if let wakeAt = execution.wakeAt { terminal.print("goes on \(Timestamp.string(from: wakeAt))") }
        if let error = execution.error { terminal.print(terminal.red("\(error.code): \(error.message)")) }
        if let output = execution.output { terminal.print(Self.short(output.description, 400)) }
    }

    private func print(_ step: Step, on terminal: Terminal) {
        let state = step.state == .completed ? terminal.green("done") : terminal.red(step.state.rawValue)
        let took = step.completedAt.map { "\(milliseconds($0.timeIntervalSince(step.startedAt)))" } ?? "…"
        terminal.print(
            "\(offset(of: step.startedAt))  \(bar(of: step))  \(step.kind.rawValue) \(step.name)  \(state)  \(took)")
        if let error = step.error { terminal.print("          " + terminal.red(Self.short(error.message, 160))) }
    }

    private func offset(of date: Date) -> String {
        let text = "+" + milliseconds(max(0, date.timeIntervalSince(start)))
        return String(repeating: " ", count: max(0, 10 - text.count)) + text
    }

    private func bar(of step: Step) -> String {
        let total = max(end.timeIntervalSince(start), 0.001)
        func place(_ date: Date) -> Int {
            min(Self.barWidth - 1, max(0, Int(date.timeIntervalSince(start) / total * Double(Self.barWidth))))
        }
        let first = place(step.startedAt)
        let last = max(first, place(step.completedAt ?? end))
        return String((0..<Self.barWidth).map { (first...last).contains($0) ? "█" : "·" })
    }

    private func milliseconds(_ seconds: TimeInterval) -> String {
        seconds < 10 ? "\(Int(seconds * 1_000)) ms" : "\(Int(seconds)) s"
    }

    private static func short(_ text: String, _ length: Int) -> String {
        text.count > length ? text.prefix(length) + "…" : text
    }
}
