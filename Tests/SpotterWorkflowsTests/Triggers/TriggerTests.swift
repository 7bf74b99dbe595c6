import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

struct TriggerTests {
    private func fixture() async throws -> TriggerFixture {
        TriggerFixture(try await TestOrganization.make(in: .memory()))
    }

    @Test func `an event starts a workflow with what the trigger says, and others do not`() async throws {
        let fixture = try await fixture()
        let workflow = try await fixture.workflow("Follow up")
        try await fixture.publish("custom.lead", ["count": 9])
        let trigger = try await fixture.trigger(
            on: "custom.lead", if: "event.data.count > 1", input: ["count": "{{ event.data.count }}"],
            .workflow(workflow.id))
        try await fixture.publish("custom.lead", ["count": 1])
        try await fixture.publish("custom.other", ["count": 2])
        let event = try await fixture.publish("custom.lead", ["count": 3])
        #expect(try await fixture.process().lookOnce().started == 1)
        let runs = try await fixture.runs()
        #expect(runs.count == 1)
        #expect(fixture.input(try #require(runs.first)) == ["count": 3])
        #expect(
            ExecutionOrigin(of: try #require(runs.first))
                == ExecutionOrigin(hops: 1, triggers: [trigger.id], workflow: workflow.id.uuid))
        let fired = try #require(try await fixture.told(.triggerFired).first)
        #expect(fired.data["event_id"] == .string("\(event.position)"))
        #expect(fired.data["execution_id"] == .string(try #require(runs.first).id.description))
        // What it has told itself is nothing to it, and it comes to the end.
        _ = try await fixture.process().lookOnce()
        #expect(try await fixture.stores.triggers.organizationsWithNews().isEmpty)
        #expect(try await fixture.runs().count == 1)
    }

    @Test func `a plan and a task are started as a workflow is`() async throws {
        let fixture = try await fixture()
        let agent = try await fixture.gym.agent(named: "Coach")
        let task = try await fixture.gym.task(for: agent)
        let plan = PlanOrder(steps: [PlanStep(id: "one", agent: "Coach", input: ["content": "{{ input.name }}"])])
        try await fixture.trigger(on: "custom.lead", input: ["name": "{{ event.data.name }}"], .plan(plan))
        try await fixture.trigger(on: "custom.lead", input: ["name": "{{ event.data.name }}"], .task(task.id))
        try await fixture.publish("custom.lead", ["name": "Ana"])
        #expect(try await fixture.process().lookOnce().started == 2)
        #expect(fixture.input(try #require(try await fixture.runs(.plan).first)) == ["name": "Ana"])
        let run = try #require(try await fixture.runs(.task).first)
        #expect(fixture.input(run) == ["name": "Ana"])
        #expect(ExecutionOrigin(of: run).hops == 1)
    }

    @Test func `of several processes that look at once, each event is started by one`() async throws {
        let fixture = try await fixture()
        let agent = try await fixture.gym.agent(named: "Coach")
        let task = try await fixture.gym.task(for: agent)
        try await fixture.trigger(
            on: "custom.lead", input: ["count": "{{ event.data.count }}"],
            .workflow(try await fixture.workflow("Follow up").id))
        try await fixture.trigger(on: "custom.lead", .task(task.id))
        for number in 0..<150 { try await fixture.publish("custom.lead", ["count": .int(Int64(number))]) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    let process = fixture.process()
                    while !(try await fixture.stores.triggers.organizationsWithNews().isEmpty) {
                        _ = try await process.lookOnce()
                    }
                }
            }
            try await group.waitForAll()
        }
        let runs = try await fixture.runs()
        #expect(runs.count == 150)
        #expect(Set(runs.compactMap { fixture.input($0)?["count"]?.int }) == Set(0..<150))
        #expect(try await fixture.runs(.task).count == 150)
        #expect(try await fixture.told(.triggerFired).count == 300)
    }

    @Test(arguments: KilledTriggerStore.Moment.allCases, [true, false])
    func `a process that is killed at its move starts nothing twice, and leaves nothing out`(
        _ moment: KilledTriggerStore.Moment, _ isTask: Bool
    ) async throws {
        let fixture = try await fixture()
        let agent = try await fixture.gym.agent(named: "Coach")
        let target: TriggerTarget =
            isTask
            ? .task(try await fixture.gym.task(for: agent).id)
            : .workflow(try await fixture.workflow("Follow up").id)
        try await fixture.trigger(on: "custom.lead", target)
        for _ in 0..<3 { try await fixture.publish("custom.lead") }
        let killed = fixture.process(KilledTriggerStore(fixture.stores.triggers, moment))
        _ = try await killed.lookOnce()
        _ = try await fixture.process().lookOnce()
        _ = try await fixture.process().lookOnce()
        let runs = try await fixture.runs(isTask ? .task : .workflow)
        #expect(runs.count == 3)
        let named = try await fixture.told(.triggerFired).compactMap { $0.data["execution_id"]?.string }
        #expect(named.sorted() == runs.map(\.id.description).sorted())
    }

    @Test func `a condition or an input without a value is told of, and the next event has its turn`() async throws {
        let fixture = try await fixture()
        let workflow = try await fixture.workflow("Follow up")
        try await fixture.trigger(on: "custom.lead", if: "10 / event.data.count > 1", .workflow(workflow.id))
        try await fixture.trigger(
            on: "custom.lead", input: ["count": "{{ event.data.name }}"], .workflow(workflow.id))
        try await fixture.publish("custom.lead", ["count": 0, "name": "not a number"])
        try await fixture.publish("custom.lead", ["count": 1, "name": 7])
        #expect(try await fixture.process().lookOnce().started == 2)
        let failed = try await fixture.told(.triggerFailed)
        #expect(failed.count == 2)
        #expect(failed.allSatisfy { $0.data["reason"]?.string?.isEmpty == false })
        #expect(failed.contains { $0.data["reason"]?.string?.contains("/input/count") == true })
    }

    @Test func `a trigger whose task is gone is disabled and says so`() async throws {
        let fixture = try await fixture()
        let task = try await fixture.gym.task(for: try await fixture.gym.agent(named: "Coach"))
        let trigger = try await fixture.trigger(on: "custom.lead", .task(task.id))
        try await fixture.tasks.delete(task.id, version: nil, at: fixture.clock.now(), in: fixture.gym.scope)
        try await fixture.publish("custom.lead")
        try await fixture.publish("custom.lead")
        #expect(try await fixture.process().lookOnce().started == 0)
        #expect(try await fixture.triggers.trigger(trigger.id, in: fixture.gym.scope).isEnabled == false)
        let told = try await fixture.told(.triggerDisabled)
        #expect(told.map { $0.data["trigger_id"] } == [.string(trigger.id.description)])
        #expect(try await fixture.runs(.task).isEmpty)
    }

    @Test func `one organisation's flood leaves another its turn`() async throws {
        let fixture = try await fixture()
        let other = try await TestOrganization.make(in: fixture.stores)
        try await fixture.trigger(on: "custom.lead", .workflow(try await fixture.workflow("Follow up").id))
        let workflow = try await fixture.workflow("Theirs", in: other)
        try await fixture.trigger(on: "custom.lead", .workflow(workflow.id), in: other)
        for _ in 0..<250 { try await fixture.publish("custom.lead") }
        try await other.publish("custom.lead")
        let round = try await fixture.process().lookOnce()
        #expect(round.isBehind)
        #expect(round.started == 101)
        #expect(try await fixture.runs(in: other).count == 1)
    }

    @Test func `what is wrong with a trigger is said with its place`() async throws {
        let fixture = try await fixture()
        let workflow = try await fixture.workflow("Follow up")
        func places(_ settings: TriggerSettings) async throws -> [String] {
            let error = await #expect(throws: SpotterError.self) {
                _ = try await fixture.triggers.create(settings, at: fixture.clock.now(), in: fixture.gym.scope)
            }
            return error?.issues.map(\.pointer) ?? []
        }
        var settings = TriggerSettings(name: "x", event: "custom.lead", target: .workflow(workflow.id))
        settings.condition = "event.data.count >"
        settings.input = ["name": "{{ lead.name }}"]
        #expect(try await places(settings) == ["/condition", "/input/name"])
        settings = TriggerSettings(name: "x", event: "trigger.failed", target: .workflow(workflow.id))
        #expect(try await places(settings) == ["/event"])
        settings = TriggerSettings(name: "x", event: "custom.lead", target: .workflow(workflow.id))
        settings.target.kind = .task
        #expect(try await places(settings) == ["/target/workflow_id", "/target/task_id"])
        settings.target = .plan(PlanOrder(steps: []))
        #expect(try await places(settings) == ["/target/plan/steps"])
    }
}
