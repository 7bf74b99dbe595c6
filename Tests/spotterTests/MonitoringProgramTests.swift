import Foundation
import MetricsKit
import HTTPServerKit
import SpotterDomain
import SpotterMonitoring
import SpotterTesting
import Testing

/// Metrics, health, alerts and traces on the real program; and whether what goes with it fits.
@Suite(.timeLimit(.minutes(4))) struct MonitoringProgramTests {
    @Test func `a server gives out metrics that promtool finds no fault with, and says how it is`() async throws {
        let server = try await RunningSpotter.start()
        defer { server.remove() }
        let agents = try await server.send("GET", "/v1/agents")
        let agent = agents.body["data"]?[0]?["id"] ?? .null
        let talk = try await server.send("POST", "/v1/conversations", ["agent_id": agent])
        let path = "/v1/conversations/\(talk.body["id"]?.string ?? "")/messages"
        let answer = try await server.send("POST", path, ["content": "Which classes are on tomorrow?"])
        #expect(answer.status == 200)

        let metrics = try await server.text("GET", "/metrics")
        #expect(metrics.status == 200)
        let verdict = try await Self.promtool(["check", "metrics"], input: metrics.text)
        #expect(verdict.code == 0, "\(verdict.output)")
        #expect(metrics.text.contains("spotter_runs_total{kind=\"message\",outcome=\"completed\"} 1"))
        #expect(metrics.text.contains("spotter_queue_workers 1.0"))
        #expect(metrics.text.contains("spotter_http_requests_total{method=\"POST\",route=\"/v1/conversations\""))

        let health = try await server.send("GET", "/v1/health")
        #expect(health.status == 200)
        let names = Set((health.body["components"]?.array ?? []).compactMap { $0["name"]?.string })
        #expect(names.isSuperset(of: ["database", "workers", "queue", "scheduler", "events", "outbox", "disk"]))
        #expect((health.body["duration_ms"]?.double ?? 1_000) < 100)
        #expect(try await server.send("GET", "/v1/health/ready").status == 200)

        let figures = try await server.send("GET", "/v1/metrics?range=1h")
        #expect(figures.body["task_metrics"]?["completed"] == 1)
        #expect(figures.body["task_metrics"]?["error_rate"]?.double == 0)
        #expect(figures.body["history"]?.array?.count == 60)
        let timeline = try await server.send(
            "GET", "/v1/executions/\(answer.body["execution_id"]?.string ?? "")/timeline")
        let kinds = Set((timeline.body["spans"]?.array ?? []).compactMap { $0["kind"]?.string })
        #expect(kinds.isSuperset(of: ["execution", "model"]), "\(timeline.body)")
        let alerts = try await server.send("GET", "/v1/alerts")
        #expect(alerts.body["data"]?.array?.contains { $0["metric"] == "error_rate" } == true)
        #expect(await server.stop() == 0)
    }

    @Test func `with a metrics token nobody else reads, and SIGUSR1 changes what is logged`() async throws {
        let token = "a-token-of-the-collector"
        let server = try await RunningSpotter.start(environment: ["SPOTTER_METRICS_TOKEN": token])
        defer { server.remove() }
        // An organisation's token reads what that organisation has recorded, and nothing of the process.
        let sample: JSONValue = ["name": "doors_opened", "kind": "counter", "value": 2, "labels": ["door": "front"]]
        #expect(try await server.send("POST", "/v1/metrics", sample).status == 202)
        let own = try await server.text("GET", "/metrics")
        #expect(own.status == 200)
        #expect(own.text.contains("custom_doors_opened_total{door=\"front\"} 2.0\n"), "\(own.text)")
        #expect(!own.text.contains("spotter_"))
        let verdict = try await Self.promtool(["check", "metrics"], input: own.text)
        #expect(verdict.code == 0, "\(verdict.output)")
        #expect(try await server.text("GET", "/metrics", token: "another").status == 401)
        let whole = try await server.text("GET", "/metrics", token: token)
        #expect(whole.status == 200)
        #expect(!whole.text.contains("custom_doors"))
        server.signal(SIGUSR1)
        let changed = try await server.waitForLog("the level of the log was changed")
        #expect(changed.contains("debug"))
        #expect(await server.stop() == 0)
        #expect(!server.log.contains(token))
        let refused = try await RunningSpotter.command(
            ["up", "--port", "0"], data: server.folder, environment: ["OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"])
        #expect(refused.code != 0)
        #expect(refused.output.contains("OTEL_EXPORTER_OTLP_ENDPOINT must be"))
    }

    @Test func `what docker brings for Prometheus is without a fault`() async throws {
        let root = FileManager.default.currentDirectoryPath + "/docker"
        let rules = try await Self.promtool(["check", "rules", root + "/prometheus/alerts.yml"])
        #expect(rules.code == 0, "\(rules.output)")
        let config = try await Self.promtool(
            ["check", "config", "--syntax-only", root + "/prometheus/prometheus.yml"])
        #expect(config.code == 0, "\(config.output)")
    }

    @Test(arguments: ["prometheus/alerts.yml", "grafana/spotter.json"])
    func `every metric that is drawn or watched is in the catalogue`(_ file: String) throws {
        let text = try String(
            contentsOfFile: FileManager.default.currentDirectoryPath + "/docker/" + file, encoding: .utf8)
        let known = Set(
            MetricsCatalog.all.flatMap { metric -> [String] in
                switch metric.kind {
                case .counter: ["\(metric.name)_total"]
                case .gauge: [metric.name]
                case .histogram: ["_bucket", "_sum", "_count"].map { metric.name + $0 }
                }
            })
        let used = text.matches(of: /\bspotter_[a-z0-9_]+/).map { String($0.0) }
        #expect(!used.isEmpty)
        for name in used { #expect(known.contains(name), "\(name)") }
    }

    @Test func `the board of Grafana is JSON, and draws nearly everything there is`() throws {
        let path = FileManager.default.currentDirectoryPath + "/docker/grafana/spotter.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let board = try JSONParser.parse(text)
        #expect((board["panels"]?.array?.count ?? 0) > 20)
        let undrawn = MetricsCatalog.all.map(\.name).filter { !text.contains($0) }
        #expect(undrawn.count < 16, "\(undrawn)")
    }

    private static func promtool(_ arguments: [String], input: String = "") async throws -> FinishedCommand {
        try await FinishedCommand.run(["/usr/bin/env", "promtool"] + arguments, input: input)
    }
}

extension RunningSpotter {
    /// The first line of the log with these words, when it is there.
    fileprivate func waitForLog(_ words: String) async throws -> String {
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            if let line = log.split(separator: "\n").first(where: { $0.contains(words) }) { return String(line) }
            // A request takes a moment, which is what there is to wait for.
            _ = try await send("GET", "/v1/health/live")
        }
        return ""
    }
}
