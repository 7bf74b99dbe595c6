@testable import SpotterChaos

extension History {
    /// A run in which every promise was kept: a task with two effects that a second process finished, one that depends
    /// on it, one that was cancelled, poison, a turn, and one that asks a person, begins another and calls once.
    static var sound: History {
        let effect = EffectStep(work: "w-1", turn: 0, call: 0)
        let next = EffectStep(work: "w-1", turn: 1, call: 0)
        let once = EffectStep(work: "w-6", turn: 2, call: 0)
        var organization = OrganizationHistory(name: "gym")
        organization.accepted = [
            Accepted(
                script: Script(work: "w-1", turns: [.init(act: .keyed), .init(act: .put), .init(act: .answer)]),
                door: .task("task-1"), execution: "exec-1", repeated: ["exec-1"]),
            Accepted(
                script: Script(work: "w-2", turns: [.init(act: .answer)]), door: .task("task-2"), execution: "exec-2",
                dependsOn: "exec-4"),
            Accepted(
                script: Script(work: "w-3", turns: [.init(act: .answer)]), door: .task("task-3"), execution: "exec-3",
                wasCancelled: true),
            Accepted(
                script: Script(work: "w-4", turns: [.init(act: .poison)]), door: .task("task-4"), execution: "exec-4"),
            Accepted(
                script: Script(work: "w-5", turns: [.init(act: .answer, stumble: .cut)]), door: .conversation("conv-5"),
                execution: nil),
            Accepted(
                script: Script(
                    work: "w-6", turns: [.init(act: .question), .init(act: .children), .init(act: .ambush)]),
                door: .queue("exec-6"), execution: "exec-6", answers: ["step-5": ["first"]], reviewed: ["step-6"],
                approved: ["approval_7": 1]),
        ]
        organization.executions = [
            ExecutionEntry(id: "exec-1", door: .task("task-1"), crashes: 1, attempt: 2),
            ExecutionEntry(
                id: "exec-2", door: .task("task-2"), state: "failed", errorCode: "dependency_failed", isDead: true),
            ExecutionEntry(id: "exec-3", door: .task("task-3"), state: "cancelled"),
            ExecutionEntry(
                id: "exec-4", door: .task("task-4"), state: "failed", errorCode: "process_lost", isDead: true,
                crashes: 3, attempt: 3),
            ExecutionEntry(id: "exec-5", door: .conversation("conv-5")),
            ExecutionEntry(id: "exec-6", door: .queue("exec-6"), attempt: 3),
            ExecutionEntry(id: "exec-7", parent: "exec-6"),
        ]
        organization.steps = [
            StepEntry(id: "step-1", execution: "exec-1", index: 0, name: "think-1", kind: "model"),
            StepEntry(id: "step-2", execution: "exec-1", index: 1, name: "http_request", call: "c0", effect: effect),
            StepEntry(id: "step-3", execution: "exec-1", index: 2, name: "http_request", call: "c1", effect: next),
            StepEntry(id: "step-4", execution: "exec-4", index: 0, name: "think-1", kind: "model", state: "started"),
            StepEntry(
                id: "step-5", execution: "exec-6", index: 0, name: "question-0", kind: "input", answer: "first"),
            StepEntry(id: "step-6", execution: "exec-6", index: 2, name: "send_once", call: "c2", effect: once),
            StepEntry(id: "step_7", execution: "exec-6", index: 1, name: "approve send_once", kind: "approval"),
        ]
        organization.events = [
            EventEntry(position: 1, type: "execution.queued", execution: "exec-1"),
            EventEntry(position: 2, type: "execution.completed", execution: "exec-1"),
            EventEntry(position: 3, type: "execution.cancelled", execution: "exec-3"),
            EventEntry(position: 4, type: "execution.failed", execution: "exec-4"),
            EventEntry(position: 5, type: "execution.failed", execution: "exec-2"),
            EventEntry(position: 6, type: "execution.completed", execution: "exec-5"),
            EventEntry(position: 7, type: "execution.completed", execution: "exec-7"),
            EventEntry(position: 8, type: "execution.completed", execution: "exec-6"),
        ]
        organization.messages = ["conv-5": (asked: 1, answered: 1)]
        organization.queue.dead = 2
        return History(
            organizations: [organization],
            effects: [
                Effect(step: effect, key: "step-2", deliveries: 2), Effect(step: next, key: "step-3"),
                Effect(step: once, key: "step-6", mustNotRepeat: true, wasAmbushed: true),
            ],
            processes: [
                ProcessEnd(name: "worker-1", order: .kill, status: .signalled(9)),
                ProcessEnd(name: "worker-2", order: .drain, status: .exited(0)),
                ProcessEnd(name: "worker-3", order: .crash(at: "after-claim"), status: .signalled(9)),
                ProcessEnd(name: "worker-4", order: .none, status: .exited(1), wasReady: false),
            ],
            poisonings: ["w-4": 3])
    }
}
