import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose schedules.")

/// `spotter schedule list`
struct ScheduleListCommand: Command {
    let path = ["schedule", "list"]
    let summary = "List the tasks that fire by a schedule, the next first"
    let example = "spotter schedule list --organization iron-temple --limit 20"
    let options: [OptionSpec] = [
        organizationOption, .option("limit", "COUNT", "At most so many, 1 to 1000. Default 50."),
        .flag("json", "Print one line of JSON for each."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let status = try await product.schedulerStatus(
            coming: arguments.integer("limit", in: 1...1_000) ?? 50, organization: arguments.required("organization"))
        if arguments.has("json") {
            for fire in status.coming { terminal.print(try JSONValue(encoding: fire).description) }
            return
        }
        if status.state == .stopped { terminal.print(terminal.red("The scheduler is stopped: nothing fires.")) }
        if status.coming.isEmpty { return terminal.print("Nothing is to fire.") }
        terminal.table(
            ["TASK", "FIRES AT", "MAY START AT", "TITLE"],
            status.coming.map { fire in
                [
                    "\(fire.task)", Timestamp.string(from: fire.fireAt), Timestamp.string(from: fire.releaseAt),
                    fire.title,
                ]
            })
        let others = status.scheduled - status.coming.count
        if others > 0 { terminal.print(terminal.dim("and \(others) more")) }
    }
}

/// `spotter schedule status`
struct ScheduleStatusCommand: Command {
    let path = ["schedule", "status"]
    let summary = "Show whether an organisation's schedules fire, and what is due"
    let example = "spotter schedule status --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON, as GET /v1/scheduler/status does.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let status = try await product.schedulerStatus(coming: 50, organization: arguments.required("organization"))
        if arguments.has("json") { return terminal.print(try JSONValue(encoding: status).description) }
        switch status.state {
        case .running: terminal.print("The scheduler is running.")
        case .stopped: terminal.print(terminal.red("The scheduler is stopped: nothing fires."))
        }
        terminal.print("\(status.scheduled) tasks fire by a schedule; of \(status.due) the time has come.")
        if let next = status.coming.first {
            terminal.print("Next: \(next.title) (\(next.task)) at \(Timestamp.string(from: next.fireAt)).")
        }
        guard let look = status.lastLookAt else { return terminal.print("No process looks for what is due.") }
        let by = status.lookedBy.map { ", by \($0)" } ?? ""
        terminal.print("Last looked for what is due at \(Timestamp.string(from: look))\(by).")
    }
}
