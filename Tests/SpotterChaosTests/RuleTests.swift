import Testing

@testable import SpotterChaos

/// The judge of the chaos test is judged: each rule must be able to fail.
@Suite struct RuleTests {
    /// A way in which a promise may be broken, and the rule that must notice.
    struct Breach: Sendable, CustomTestStringConvertible {
        let rule: String
        let how: String
        let make: @Sendable (inout History) -> Void

        init(_ rule: String, _ how: String, _ make: @escaping @Sendable (inout History) -> Void) {
            (self.rule, self.how, self.make) = (rule, how, make)
        }

        var testDescription: String { "\(rule): \(how)" }
    }

    @Test func `a run in which all went well breaks no rule`() {
        #expect(Rule.check(.sound) == [])
    }

    @Test(arguments: breaches) func `a broken promise is noticed`(_ breach: Breach) {
        var history = History.sound
        breach.make(&history)
        #expect(Rule.check(history).map(\.rule).contains(breach.rule))
    }

    @Test func `every rule is shown to fail, and no two have the same name`() {
        #expect(Set(Rule.all.map(\.name)) == Set(Self.breaches.map(\.rule)))
        #expect(Rule.all.map(\.name).repeated == [])
    }

    static let breaches: [Breach] = acceptance + endings + waits + journals + effects + environment

    private static let acceptance = [
        Breach("nothing acknowledged is lost", "an execution is gone") { $0.gym.executions.removeFirst() },
        Breach("nothing acknowledged is lost", "it is another task's") { $0.gym.executions[0].door = .task("other") },
        Breach("nothing acknowledged is lost", "a turn is gone") { history in
            history.gym.executions.removeAll { $0.id == "exec-5" }
        },
        Breach("a request repeated is answered alike", "with a second run") {
            $0.gym.accepted[0].repeated = ["exec-9"]
        },
        Breach("nothing runs that nobody asked for", "a task runs twice") {
            $0.gym.executions.append(ExecutionEntry(id: "exec-9", door: .task("task-1")))
        },
        Breach("nothing runs that nobody asked for", "the customer was refused") { history in
            history.gym.accepted.removeAll { $0.door == .conversation("conv-5") }
        },
        Breach("nothing runs that nobody asked for", "a run of nothing") { $0.gym.executions[0].door = nil },
        Breach("a turn is said and answered once", "said twice") { $0.gym.messages["conv-5"]?.asked = 2 },
        Breach("a turn is said and answered once", "answered twice") { $0.gym.messages["conv-5"]?.answered = 2 },
        Breach("a turn is said and answered once", "no message is left") { $0.gym.messages = [:] },
        Breach("everybody is answered in the end", "a customer waits") { $0.unanswered = ["POST /v1/tasks"] },
        Breach("no organisation sees another's", "it was shown") { $0.sightings = ["a task of another gym"] },
    ]

    private static let endings = [
        Breach("everything has ended", "one runs") { $0.gym.executions[0].state = "running" },
        Breach("work ends as it should", "failed for no good reason") {
            $0.gym.executions[0].state = "failed"
            $0.gym.executions[0].errorCode = "internal"
        },
        Breach("work ends as it should", "given up too early") {
            $0.gym.executions[0].state = "failed"
            $0.gym.executions[0].errorCode = "process_lost"
        },
        Breach("work ends as it should", "a task gives up on a provider that recovers") {
            $0.gym.executions[0].state = "failed"
            $0.gym.executions[0].errorCode = "provider_failed"
        },
        Breach("work ends as it should", "cancelled by nobody") { $0.gym.accepted[2].wasCancelled = false },
        Breach("work ends as it should", "failed with what it depends on, which did not") {
            $0.gym.accepted[1].dependsOn = "exec-1"
        },
        Breach("the log tells of one end", "of none") { $0.gym.events.removeLast() },
        Breach("the log tells of one end", "of two") {
            $0.gym.events.append(EventEntry(position: 9, type: "execution.completed", execution: "exec-1"))
        },
        Breach("the log tells of one end", "of another") { $0.gym.executions[2].state = "completed" },
        Breach("the log has no gap and no stranger", "a gap") { $0.gym.events.remove(at: 0) },
        Breach("the log has no gap and no stranger", "a place twice") { $0.gym.events.append($0.gym.events[5]) },
        Breach("the log has no gap and no stranger", "a stranger") {
            $0.gym.events.append(EventEntry(position: 9, type: "step.started", execution: "exec-of-another"))
        },
        Breach("poison is given up in time", "it kills on") { $0.poisonings["w-4"] = 4 },
        Breach("poison is given up in time", "it is no dead letter") { $0.gym.executions[3].isDead = false },
    ]

    private static let waits = [
        Breach("an answer counts once", "another was taken too") {
            $0.gym.accepted[5].answers["step-5"]?.append("second")
        },
        Breach("an answer counts once", "another counts") { $0.gym.steps[4].answer = "second" },
        Breach("an answer counts once", "it is asked again") { $0.gym.steps[4].state = "waiting" },
        Breach("nothing is answered that nobody has answered", "it is") { $0.gym.accepted[5].answers = [:] },
        Breach("what is approved was approved by somebody, once", "twice") {
            $0.gym.accepted[5].approved["approval_7"] = 2
        },
        Breach("what is approved was approved by somebody, once", "by nobody") { $0.gym.accepted[5].approved = [:] },
        Breach("who is completed has seen its children end", "it has not") { history in
            history.gym.events.remove(at: 6)
        },
        Breach("who is completed has seen its children end", "it ended before") { history in
            (history.gym.events[6], history.gym.events[7]) = (
                EventEntry(position: 7, type: "execution.completed", execution: "exec-6"),
                EventEntry(position: 8, type: "execution.completed", execution: "exec-7")
            )
        },
        Breach("who is completed has seen its children end", "a child of nobody") {
            $0.gym.executions[6].parent = "exec-9"
        },
    ]

    private static let journals = [
        Breach("a journal has one step in each place", "two in one") { history in
            history.gym.steps.append(StepEntry(id: "step-9", execution: "exec-1", index: 1, name: "http_request"))
        },
        Breach("a journal has one step in each place", "one in two") { history in
            history.gym.steps.append(StepEntry(id: "step-1", execution: "exec-1", index: 9, name: "think-9"))
        },
        Breach("a step is completed once", "twice") { history in
            history.gym.steps.append(
                StepEntry(id: "step-9", execution: "exec-1", index: 9, name: "http_request", call: "c0"))
        },
        Breach("what is completed has no open step", "one") { $0.gym.steps[1].state = "started" },
        Breach("every step belongs to an execution", "an orphan") { history in
            history.gym.steps.append(StepEntry(id: "step-9", execution: "exec-9", index: 0, name: "think-1"))
        },
    ]

    private static let effects = [
        Breach("no effect has two keys", "done again under another") { history in
            history.effects.append(Effect(step: history.effects[0].step, key: "step-9"))
        },
        Breach("no key has two effects", "used for both") { history in
            history.effects.append(Effect(step: history.effects[1].step, key: "step-2"))
        },
        Breach("no effect is missing from the journal", "no such step") { $0.gym.steps.remove(at: 1) },
        Breach("no effect is missing from the journal", "the step is another") { $0.gym.steps[1].effect = nil },
        Breach("what must not be repeated is not", "it is, under the same key") { $0.effects[2].deliveries = 2 },
        Breach("what must not be repeated is not", "it is, under another") { history in
            let effect = Effect(step: history.effects[2].step, key: "step-9", mustNotRepeat: true)
            history.effects.append(effect)
        },
        Breach("a person decides on what nobody knows", "nobody did") { $0.gym.accepted[5].reviewed = [] },
        Breach("what is recorded as done was done", "nobody saw it") { $0.effects.removeFirst() },
        Breach("what is completed has had every effect", "one is missing") { history in
            history.effects.remove(at: 1)
            history.gym.steps.remove(at: 2)
        },
    ]

    private static let environment = [
        Breach("processes end as they were told", "a drain fails") { $0.processes[1].status = .exited(1) },
        Breach("processes end as they were told", "a drain takes too long") { $0.processes[1].status = .signalled(9) },
        Breach("processes end as they were told", "one ends by itself") { $0.processes[3].wasReady = true },
        Breach("processes end as they were told", "a fault point passes") { $0.processes[2].status = .exited(0) },
        Breach("the queue is empty", "work waits") { $0.gym.queue.ready = 1 },
        Breach("the queue is empty", "a run is not let go of") { $0.gym.queue.running = 1 },
        Breach("dead letters are counted", "one more") { $0.gym.queue.dead = 3 },
        Breach("nobody holds anything", "one does") { $0.gym.executions[0].isHeld = true },
        Breach("nobody is thought alive", "one is") { $0.livingWorkers = 1 },
        Breach("every fault has happened", "one has not") { $0.missedFaults = ["poison"] },
    ]
}

extension History {
    /// The only organisation.
    fileprivate var gym: OrganizationHistory {
        get { organizations[0] }
        set { organizations[0] = newValue }
    }
}
