import Foundation
import MetricsKit
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterMonitoring

/// What is counted, and what is told of it.
@Suite struct MetricsTests {
    @Test func `the catalogue names each metric once, and every one as Prometheus wants it`() {
        let names = MetricsCatalog.all.map(\.name)
        #expect(Set(names).count == names.count)
        for metric in MetricsCatalog.all {
            #expect(metric.name.hasPrefix("spotter_"))
            #expect(metric.help.hasSuffix("."), "\(metric.name)")
            #expect(!metric.name.hasSuffix("_ms"))
        }
        // Each is registered under its own name and kind, in the order of the catalogue.
        #expect(Meters(version: "1").registry.descriptions == MetricsCatalog.all)
    }

    @Test func `runs, calls, tools and hooks are counted from what is written of them`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        let agent = try await gym.agent(named: "Desk")
        let meters = Meters(version: "1")
        let meter = WorkMeter(meters)
        var run = try gym.draftRun(of: gym.draftTask(for: agent), by: agent)
        run.startedAt = TestOrganization.start
        run.completedAt = TestOrganization.start + 3
        run.state = .failed
        run.deadAt = run.completedAt
        let line = gym.line(gym.charge(), of: run, step: gym.id())
        meter.note([ExecutionRecord(execution: run, ledger: [line])], in: gym.scope)
        meter.note(
            [
                Event(position: 1, type: "execution.started", execution: gym.id(), at: Date(), data: [:]),
                Event(
                    position: 2, type: "tool.failed", execution: run.id, at: Date(),
                    data: ["tool": "find_client", "duration_ms": 12]),
            ], of: gym.scope.organization)
        meter.note(committed: ["hook.received", "custom.door.opened"])
        meters.noteHookMessage("accepted")
        let text = await meters.registry.text(.plain)
        for line in [
            "spotter_runs_total{kind=\"task\",outcome=\"failed\"} 1\n", "spotter_runs_given_up_total 1\n",
            "spotter_task_runs_total{outcome=\"failed\"} 1\n",
            "spotter_agent_busy_seconds_total{organization=\"\(gym.scope.organization)\"} 3.0\n",
            "spotter_tool_calls_total{tool=\"find_client\",outcome=\"failed\"} 1\n",
            "spotter_tool_call_duration_seconds_sum{tool=\"find_client\"} 0.012\n",
            "spotter_hook_messages_total{outcome=\"accepted\"} 1\n", "spotter_events_total{family=\"custom\"} 1\n",
            "spotter_run_duration_seconds_count{kind=\"task\"} 1\n",
        ] { #expect(text.contains(line), "\(line)") }
        let wanted: Set = ["spotter_model_calls", "spotter_model_tokens", "spotter_billed_usd"]
        #expect(meters.registry.recorded.isSuperset(of: wanted))
    }

    @Test func `a measured queue takes what the queue does, and tells how long it took`() async throws {
        let stores = StoreSet.memory()
        let gym = try await TestOrganization.make(in: stores)
        _ = try await stores.executions.enqueue([gym.work()], receipt: nil, in: gym.scope)
        let meters = Meters(version: "1")
        let queue = MeteredQueue(stores.queue, meters)
        let worker = try await gym.worker()
        #expect(try await queue.claim(5, for: worker, after: nil).count == 1)
        let wanted: Set = ["spotter_queue_claimed_runs", "spotter_queue_claim_duration_seconds"]
        #expect(meters.registry.recorded.isSuperset(of: wanted))
    }

    @Test func `a route that nobody asks has no series, and one that is asked has all of its own`() async {
        let meters = Meters(version: "1")
        let routes = ["/v1/agents", "/v1/tasks"].map { RouteMeter(meters, method: "GET", route: $0) }
        #expect(await !meters.registry.text(.plain).contains("route="))
        routes[0].begin()
        routes[0].end(status: 200, after: .milliseconds(3))
        let text = await meters.registry.text(.plain)
        #expect(text.contains("route=\"/v1/agents\",status=\"2xx\"} 1\n"))
        #expect(text.contains("route=\"/v1/agents\",status=\"5xx\"} 0\n"))
        #expect(!text.contains("/v1/tasks"))
    }

    @Test func `of first requests at once each is counted`() async {
        let meters = Meters(version: "1")
        let route = RouteMeter(meters, method: "GET", route: "/v1/agents")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<64 { group.addTask { route.end(status: 200, after: .milliseconds(1)) } }
        }
        let text = await meters.registry.text(.plain)
        #expect(text.contains("spotter_http_requests_total{method=\"GET\",route=\"/v1/agents\",status=\"2xx\"} 64\n"))
    }

    @Test func `a request is counted by route and class of status`() async {
        let meters = Meters(version: "1")
        let route = RouteMeter(meters, method: "GET", route: "/v1/agents/{agent_id}")
        for status in [200, 204, 404, 503, 999, 0] {
            route.begin()
            route.end(status: status, after: .milliseconds(3))
        }
        let text = await meters.registry.text(.plain)
        let labels = "method=\"GET\",route=\"/v1/agents/{agent_id}\""
        #expect(text.contains("spotter_http_requests_total{\(labels),status=\"2xx\"} 2\n"))
        #expect(text.contains("spotter_http_requests_total{\(labels),status=\"5xx\"} 2\n"))
        #expect(text.contains("spotter_http_requests_in_flight 0.0\n"))
        #expect(text.contains("spotter_http_request_duration_seconds_count{\(labels)} 6\n"))
    }
}
