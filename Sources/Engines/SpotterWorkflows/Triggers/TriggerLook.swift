import Foundation
import SpotterDomain
import SpotterEngine

/// One trigger's look at a stretch of the log: which of its events are for the trigger, and what that starts.
///
/// Workflows and plans are started with the trigger's move, in one transaction. A task is started before it, because its
/// store decides what the run waits for; a receipt with the event's place keeps it from being started again.
struct TriggerLook {
    let events: any EventStore
    let executions: any ExecutionStore
    let receipts: any ReceiptStore
    let workflows: WorkflowService
    let plans: PlanService
    let tasks: TaskService

    /// How many events for the trigger are taken at a time.
    static let batch = 100

    /// Looks on from where the trigger is.
    ///
    /// - Throws: what may be over soon, such as a database that does not answer; then nothing has moved.
    func pass(
        of trigger: Trigger, at now: Date, in scope: OrganizationScope
    ) async throws -> (pass: TriggerPass, hasMore: Bool) {
        var pass = TriggerPass(trigger)
        let checked: CheckedTrigger
        do {
            checked = try CheckedTrigger(trigger.settings.rule)
        } catch {
            return (Self.disabled(pass, because: Self.reason(error)), false)
        }
        let slice = try await events.events(
            after: trigger.position, execution: nil, types: checked.filter, limit: Self.batch, in: scope)
        var workflow: Workflow?
        for event in slice.events where !event.type.hasPrefix(TriggerSettings.ownEvents) {
            pass.position = event.position
            let input: JSONObject
            do {
                guard let found = try checked.input(for: event.asValue) else { continue }
                input = found
            } catch {
                pass.tell(.triggerFailed, of: event, ["reason": .string(Self.reason(error))])
                continue
            }
            let origin: ExecutionOrigin
            switch try await way(of: trigger.id, from: event, input, in: scope) {
            case .open(let found): origin = found
            case .circle(let reason):
                pass.tell(.triggerStopped, of: event, ["reason": .string(reason)])
                continue
            }
            do {
                let target = trigger.settings.target
                if let id = target.workflowId, workflow == nil {
                    workflow = try await workflows.workflow(id, in: scope)
                }
                if let id = target.taskId { _ = try await tasks.status(of: id, in: scope) }
            } catch let error as SpotterError where error.code == .notFound {
                return (Self.disabled(pass, because: "What it starts is gone."), false)
            }
            do {
                let run = try await start(
                    trigger, workflow, input: .object(input), origin, of: event, at: now, in: scope, in: &pass)
                pass.tell(.triggerFired, of: event, ["execution_id": .string(run.description)])
            } catch let error as SpotterError where Self.lasting.contains(error.code) {
                pass.tell(.triggerFailed, of: event, ["reason": .string(Self.reason(error))])
            }
        }
        pass.position = max(slice.position, pass.position)
        return (pass, slice.hasMore)
    }

    // MARK: Starting

    private func start(
        _ trigger: Trigger, _ workflow: Workflow?, input: JSONValue, _ origin: ExecutionOrigin, of event: Event,
        at now: Date, in scope: OrganizationScope, in pass: inout TriggerPass
    ) async throws -> ExecutionID {
        if let workflow {
            let run = try workflows.execution(
                of: workflow, WorkflowService.StartOptions(input: input, origin: origin), at: now)
            pass.executions.append(run)
            return run.id
        }
        if var plan = trigger.settings.target.plan {
            plan.input = input
            let run = try plans.execution(of: plan, origin: origin, at: now)
            pass.executions.append(run)
            return run.id
        }
        guard let task = trigger.settings.target.taskId else {
            throw SpotterError(.invalid, "The trigger says nothing that could be started.")
        }
        var options = TaskService.RunOptions(input: input)
        options.origin = origin
        let key = "trigger:\(trigger.id):\(event.position)"
        do {
            return try await tasks.execute(task, options, at: now, in: scope) { run in
                Receipt(key: key, fingerprint: Self.fingerprint, execution: run, createdAt: now)
            }.id
        } catch is ReceiptExists {
            guard let run = try await receipts.receipt(forKey: key, in: scope)?.execution else {
                throw SpotterError(.conflict, "The key of this start was used for something else.")
            }
            return run
        }
    }

    private static let fingerprint = [UInt8](repeating: 0, count: 16)

    /// Whether an event may start something.
    private enum Way {
        /// It may, and this is who asks for it.
        case open(ExecutionOrigin)
        /// It may not, because triggers lead round in a circle; in these words.
        case circle(String)
    }

    /// Whether the event may start what the trigger starts.
    ///
    /// A trigger that has led to an event does not start again from it: each of its runs could tell of several such events,
    /// and their number would grow with every round. What led to a run stands in the run, so that every process sees it.
    /// What a run tells may hold what strangers have said.
    private func way(
        of trigger: TriggerID, from event: Event, _ input: JSONObject, in scope: OrganizationScope
    ) async throws -> Way {
        guard let id = event.execution else { return .open(ExecutionOrigin(hops: 1, triggers: [trigger])) }
        var past = ExecutionOrigin()
        do {
            past = ExecutionOrigin(of: try await executions.execution(id, in: scope))
        } catch let error as SpotterError where error.code == .notFound {}
        let (hops, triggers) = (past.hops ?? 0, past.triggers ?? [])
        guard !triggers.contains(trigger) else {
            return .circle("This trigger has led to the event itself: it does not start again from what it started.")
        }
        guard hops < TriggerLimits.mostHops else {
            return .circle("Runs have started each other \(TriggerLimits.mostHops) times in a row.")
        }
        return .open(
            ExecutionOrigin(
                isUntrusted: input.isEmpty ? nil : true, hops: hops + 1, triggers: triggers + [trigger]))
    }

    // MARK: Failing

    /// What trying again would not change.
    private static let lasting: Set<SpotterError.Code> = [
        .invalid, .unprocessable, .notFound, .conflict, .limitReached, .tooLarge,
    ]

    private static func disabled(_ pass: TriggerPass, because reason: String) -> TriggerPass {
        var pass = pass
        pass.disables = true
        pass.tell(.triggerDisabled, of: nil, ["reason": .string(reason)])
        return pass
    }

    private static func reason(_ error: any Error) -> String {
        guard let error = error as? SpotterError else { return String("\(error)".prefix(1_000)) }
        let issues = error.issues.map { "\($0.pointer) \($0.message)" }.joined(separator: "; ")
        return String((issues.isEmpty ? error.message : issues).prefix(1_000))
    }
}

extension TriggerPass {
    /// Notes what became of an event; of the trigger itself where there is none.
    fileprivate mutating func tell(_ type: EventType, of event: Event?, _ more: JSONValue) {
        var data: JSONValue = [
            "trigger_id": .string(trigger.id.description), "name": .string(trigger.settings.name),
        ]
        if let event {
            data = data.merging(patch: ["event_id": .string("\(event.position)"), "event": .string(event.type)])
        }
        events.append(EventDraft(type, execution: event?.execution, data: data.merging(patch: more)))
    }
}
