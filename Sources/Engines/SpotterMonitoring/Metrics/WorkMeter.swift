public import Foundation
import MetricsKit
public import SpotterDomain

/// Counts what runs do, from what this process writes of them: nothing on their way waits for it.
public struct WorkMeter: Sendable {
    private let meters: Meters

    /// A meter on these handles.
    public init(_ meters: Meters) { self.meters = meters }

    /// Records were written.
    public func note(_ records: [ExecutionRecord], in scope: OrganizationScope) {
        for record in records {
            if record.execution.state.isTerminal { note(record.execution, in: scope) }
            for line in record.ledger { note(line) }
        }
    }

    /// Events were written.
    public func note(_ events: [Event], of organization: OrganizationID) {
        for event in events {
            switch EventType(rawValue: event.type) {
            case .executionStarted: noteStart(event)
            case .toolCompleted: noteTool(event, "completed")
            case .toolFailed: noteTool(event, "failed")
            default: break
            }
        }
    }

    /// Events of these types were committed, by whatever part of the program.
    public func note(committed types: [String]) {
        for type in types { meters.events(Self.family(of: type)).add() }
    }

    /// Schedules have fired.
    public func note(_ report: FireReport, at now: Date) {
        if report.fired > 0 { meters.fires("fired").add(report.fired) }
        if report.skipped > 0 { meters.fires("skipped").add(report.skipped) }
        for fire in report.plans.flatMap(\.fires) { meters.lateness.record(max(0, now.timeIntervalSince(fire.fireAt))) }
    }

    private func note(_ run: Execution, in scope: OrganizationScope) {
        let outcome = run.state.rawValue
        meters.runs(run.kind.rawValue, outcome).add()
        let seconds = run.completedAt.map { max(0, $0.timeIntervalSince(run.startedAt ?? run.createdAt)) } ?? 0
        meters.runDuration(run.kind.rawValue).record(seconds)
        if run.deadAt != nil { meters.givenUp.add() }
        switch run.kind {
        case .plan, .workflow: meters.workflowRuns(outcome).add()
        case .task, .autonomous: meters.taskRuns(outcome).add()
        case .message: meters.agentResponse.record(seconds)
        default: break
        }
        guard run.agentId != nil else { return }
        let organization = scope.organization.description
        meters.agentRuns(organization, outcome).add()
        meters.agentBusy(organization).add(seconds)
    }

    private func note(_ line: LedgerLine) {
        guard let outcome = line.outcome else { return }
        meters.modelCalls(line.provider, line.model, outcome.rawValue).add()
        meters.tokens(line.provider, "input").add(max(0, line.usage.inputTokens))
        meters.tokens(line.provider, "output").add(max(0, line.usage.outputTokens))
        meters.billed(line.provider).add(NSDecimalNumber(decimal: line.cost.billed.amount).doubleValue)
    }

    /// Whoever asks for a run gives it an id, which tells when. Nobody waits an hour for a worker who asked for now.
    private func noteStart(_ event: Event) {
        guard let asked = event.execution?.madeAt else { return }
        let delay = event.at.timeIntervalSince(asked)
        if (0..<3_600).contains(delay) { meters.startDelay.record(delay) }
    }

    private func noteTool(_ event: Event, _ outcome: String) {
        let tool = event.data["tool"]?.string ?? "unknown"
        meters.toolCalls(tool, outcome).add()
        if let milliseconds = event.data["duration_ms"]?.double {
            meters.toolDuration(tool).record(milliseconds / 1_000)
        }
    }

    /// What stands before the first full stop; callers' own are one family.
    private static func family(of type: String) -> String { String(type.prefix { $0 != "." }) }
}

extension Identifier {
    /// When it was made, by its first 48 bits (RFC 9562, 5.7).
    var madeAt: Date {
        let bytes = withUnsafeBytes(of: uuid.uuid) { Array($0.prefix(6)) }
        return Date(timeIntervalSince1970: Double(bytes.reduce(0) { $0 << 8 | UInt64($1) }) / 1_000)
    }
}
