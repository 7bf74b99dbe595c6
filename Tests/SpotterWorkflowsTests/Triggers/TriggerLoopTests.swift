import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

struct TriggerLoopTests {
    @Test func `a workflow that its own end starts again is stopped`() async throws {
        let flows = try await FlowFixture()
        let fixture = TriggerFixture(flows.gym, clock: flows.world.clock)
        let workflow = try await fixture.workflow("Again")
        let trigger = try await fixture.trigger(on: "execution.completed", .workflow(workflow.id))
        _ = try await fixture.workflows.start(workflow.id, .init(), at: fixture.clock.now(), in: flows.gym.scope)
        let process = fixture.process()
        for _ in 0..<12 {
            try await flows.pass(1)
            _ = try await process.lookOnce()
        }
        let runs = try await fixture.runs()
        #expect(runs.map { ExecutionOrigin(of: $0).triggers } == [nil, [trigger.id]])
        #expect(runs.allSatisfy { $0.state == .completed })
        let stopped = try await fixture.told(.triggerStopped)
        #expect(stopped.map { $0.data["trigger_id"] } == [.string(trigger.id.description)])
        #expect(stopped.first?.execution == runs.last?.id)
    }

    @Test func `what ends several times a round is not started more often with every round`() async throws {
        let flows = try await FlowFixture()
        let fixture = TriggerFixture(flows.gym, clock: flows.world.clock)
        _ = try await fixture.workflow("Inner")
        let outer = try await fixture.workflows.create(
            FlowFixture.definition([FlowFixture.node("sub", .subWorkflow, ["workflow": "Inner"])], [], name: "Outer"),
            at: fixture.clock.now(), in: flows.gym.scope)
        try await fixture.trigger(on: "execution.completed", .workflow(outer.id))
        _ = try await fixture.workflows.start(outer.id, .init(), at: fixture.clock.now(), in: flows.gym.scope)
        for _ in 0..<12 {
            try await flows.pass(1)
            // Processes come and go; what led to a run is in the run.
            _ = try await fixture.process().lookOnce()
        }
        // The two ends of the first run start two; the four ends of those, of which each is a run's as well, start nothing.
        #expect(try await fixture.runs().count == 6)
        #expect(try await fixture.told(.triggerFired).count == 2)
        #expect(try await fixture.told(.triggerStopped).count == 4)
    }

    @Test func `two workflows that start each other by events of their own are stopped`() async throws {
        let fixture = TriggerFixture(try await TestOrganization.make(in: .memory()))
        let (one, two) = (try await fixture.workflow("One"), try await fixture.workflow("Two"))
        try await fixture.trigger(on: "custom.one", .workflow(one.id))
        try await fixture.trigger(on: "custom.two", .workflow(two.id))
        try await fixture.publish("custom.one")
        let process = fixture.process()
        var seen: Set<ExecutionID> = []
        for _ in 0..<6 {
            _ = try await process.lookOnce()
            // Each run calls for the other.
            for run in try await fixture.runs() where seen.insert(run.id).inserted {
                let isOne = run.input["workflow_id"] == .string(one.id.description)
                try await fixture.publish(isOne ? "custom.two" : "custom.one", by: run.id)
            }
        }
        #expect(try await fixture.runs().map { ExecutionOrigin(of: $0).hops } == [1, 2])
        #expect(try await fixture.told(.triggerStopped).count == 1)
    }

    @Test func `of triggers in a row the ninth is stopped`() async throws {
        let fixture = TriggerFixture(try await TestOrganization.make(in: .memory()))
        let workflow = try await fixture.workflow("Link")
        for number in 0..<10 { try await fixture.trigger(on: "custom.link_\(number)", .workflow(workflow.id)) }
        try await fixture.publish("custom.link_0")
        let process = fixture.process()
        for number in 1..<10 {
            _ = try await process.lookOnce()
            try await fixture.publish("custom.link_\(number)", by: try #require(try await fixture.runs().last).id)
        }
        _ = try await process.lookOnce()
        #expect(try await fixture.runs().compactMap { ExecutionOrigin(of: $0).triggers?.count } == (1...8).map { $0 })
        #expect(try await fixture.told(.triggerStopped).count == 2)
    }

    @Test func `what a run tells is not trusted further than the run`() async throws {
        let fixture = TriggerFixture(try await TestOrganization.make(in: .memory()))
        let workflow = try await fixture.workflow("One")
        let trigger = try await fixture.trigger(
            on: "custom.one", input: ["count": "{{ event.data.count }}"], .workflow(workflow.id))
        let run = try await fixture.workflows.start(
            workflow.id, .init(), at: fixture.clock.now(), in: fixture.gym.scope)
        try await fixture.publish("custom.one", ["count": 1], by: run)
        _ = try await fixture.process().lookOnce()
        let started = try #require(try await fixture.runs().last)
        #expect(
            ExecutionOrigin(of: started)
                == ExecutionOrigin(
                    isUntrusted: true, hops: 1, triggers: [trigger.id], workflow: workflow.id.uuid))
    }

    @Test func `on PostgreSQL, too, each event is started once by processes that look at once`() async throws {
        let fresh = try await TestStores.fresh()
        let fixture = TriggerFixture(try await TestOrganization.make(in: fresh.stores))
        let task = try await fixture.gym.task(for: try await fixture.gym.agent(named: "Coach"))
        try await fixture.trigger(
            on: "custom.*", if: "event.data.count != 3", input: ["count": "{{ event.data.count }}"],
            .workflow(try await fixture.workflow("Follow up").id))
        try await fixture.trigger(on: "custom.lead", .task(task.id))
        for number in 0..<20 { try await fixture.publish("custom.lead", ["count": .int(Int64(number))]) }
        let killed = fixture.process(KilledTriggerStore(fresh.stores.triggers, .before))
        _ = try await killed.lookOnce()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    let process = fixture.process()
                    while !(try await fresh.stores.triggers.organizationsWithNews().isEmpty) {
                        _ = try await process.lookOnce()
                    }
                }
            }
            try await group.waitForAll()
        }
        let runs = try await fixture.runs()
        #expect(Set(runs.compactMap { fixture.input($0)?["count"]?.int }) == Set(0..<20).subtracting([3]))
        #expect(runs.count == 19)
        #expect(try await fixture.runs(.task).count == 20)
        try await fresh.close()
    }
}
