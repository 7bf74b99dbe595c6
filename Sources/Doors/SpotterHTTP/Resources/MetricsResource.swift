import Foundation
import SpotterDomain
import SpotterMonitoring

/// A value to be recorded.
struct MetricRequest: Codable, Sendable, FieldsDescribed {
    let name: String
    let kind: CustomMetric.Kind
    let value: Double
    let labels: [String: String]?

    static let fields = [
        "name": Field("1 to 80 of a-z 0-9 _, beginning with a letter.", length: 1...80, example: "doors_opened"),
        "kind": Field("What the metric's values mean; always the same for one metric."),
        "value": Field("Added to a counter, in place of a gauge's, one of many for a histogram.", range: -1e15...1e15),
        "labels": Field("Which series; at most 8. An organisation may have 200 series in all."),
    ]
}

/// Where a value was kept.
struct MetricReceipt: Codable, Sendable {
    let name: String
    let kind: CustomMetric.Kind
    let labels: [String: String]
    let isOther: Bool
}

/// An organisation's figures as the API shows them. Shares are in percent; null where nothing was measured.
struct MetricsResource: Codable, Sendable {
    let range: MonitoringService.Range
    let from: Date
    let to: Date
    let bucketSeconds: Int
    let taskMetrics: TaskMetrics
    let agentMetrics: AgentMetrics
    let workflowMetrics: WorkflowMetrics
    let modelMetrics: ModelMetrics
    let history: [Point]
    let custom: [Custom]

    /// Runs of agents: messages, tasks, runs on their own, calls, tools by hand.
    struct TaskMetrics: Codable, Sendable {
        let total: Int
        let completed: Int
        let failed: Int
        let cancelled: Int
        let totalFailed: Int
        let throughput: Double
        let errorRate: Double?
        let averageDurationMs: Double?
        let p95DurationMs: Double?
        let queued: Int
        let running: Int
        let waiting: Int
        let oldestReadySeconds: Double?
    }

    struct AgentMetrics: Codable, Sendable {
        let total: Int
        let available: Int
        let averageUtilization: Double
        let successRate: Double?
        let averageResponseMs: Double?
        let agents: [One]

        struct One: Codable, Sendable {
            let agentId: AgentID
            let name: String
            let runs: Int
            let failed: Int
            let running: Int
            let utilization: Double
            let successRate: Double?
            let averageResponseMs: Double?
        }
    }

    struct WorkflowMetrics: Codable, Sendable {
        let total: Int
        let completed: Int
        let failed: Int
        let running: Int
        let successRate: Double?
        let averageDurationMs: Double?
    }

    struct ModelMetrics: Codable, Sendable {
        let calls: Int
        let failed: Int
        let errorRate: Double?
        let inputTokens: Int
        let outputTokens: Int
        let cost: Money
    }

    /// What was done in one part of the stretch.
    struct Point: Codable, Sendable {
        let at: Date
        let completed: Int
        let failed: Int
        let throughput: Double
        let errorRate: Double?
        let utilization: Double
        let averageDurationMs: Double?
        let workflowsFailed: Int
    }

    struct Custom: Codable, Sendable {
        let name: String
        let kind: CustomMetric.Kind
        let labels: [String: String]
        let value: Double
        let count: Int
        let min: Double?
        let max: Double?
        let updatedAt: Date
    }

    init(_ report: MonitoringService.Report, _ name: MonitoringService.Range) {
        let (stretch, work) = (report.range, report.work)
        range = name
        from = stretch.from
        to = stretch.to
        bucketSeconds = stretch.bucketSeconds
        taskMetrics = TaskMetrics(work, over: stretch.minutes)
        agentMetrics = AgentMetrics(report)
        workflowMetrics = WorkflowMetrics(work)
        modelMetrics = ModelMetrics(
            calls: work.calls.calls, failed: work.calls.failed, errorRate: work.calls.errorRate,
            inputTokens: work.calls.inputTokens, outputTokens: work.calls.outputTokens, cost: work.calls.billed)
        let places = report.agents.filter(\.isEnabled).reduce(0) { $0 + max(1, $1.maxConcurrent ?? 1) }
        let parts = Dictionary(work.buckets.map { ($0.bucket, $0) }) { first, _ in first }
        history = (0..<stretch.buckets).map { bucket in
            Point(
                parts[bucket] ?? RunBucket(bucket: bucket), at: stretch.start(of: bucket),
                seconds: Double(stretch.bucketSeconds), places: places)
        }
        custom = report.custom.map { series in
            Custom(
                name: series.name, kind: series.kind, labels: series.labels, value: series.value,
                count: series.figures.count, min: series.figures.minimum, max: series.figures.maximum,
                updatedAt: series.updatedAt)
        }
    }
}

extension MetricsResource.TaskMetrics {
    fileprivate init(_ work: MonitoringReport, over minutes: Double) {
        let runs = work.agents
        self.init(
            total: runs.total, completed: runs.completed, failed: runs.failed, cancelled: runs.cancelled,
            totalFailed: runs.failed, throughput: Double(runs.total) / minutes, errorRate: runs.errorRate,
            averageDurationMs: runs.durations.average, p95DurationMs: work.p95, queued: work.gauges.queued,
            running: work.gauges.running, waiting: work.gauges.waiting,
            oldestReadySeconds: work.gauges.oldestReadySeconds)
    }
}

extension MetricsResource.AgentMetrics {
    fileprivate init(_ report: MonitoringService.Report) {
        let seconds = report.range.to.timeIntervalSince(report.range.from)
        let enabled = report.agents.filter(\.isEnabled)
        let busy = enabled.reduce(0) { $0 + $1.utilization(over: seconds) }
        self.init(
            total: report.agents.count, available: report.available,
            averageUtilization: enabled.isEmpty ? 0 : busy / Double(enabled.count),
            successRate: report.work.agents.successRate, averageResponseMs: report.work.agents.durations.average,
            agents: report.agents.map { agent in
                One(
                    agentId: agent.agent, name: agent.name, runs: agent.runs.total, failed: agent.runs.failed,
                    running: agent.running, utilization: agent.utilization(over: seconds),
                    successRate: agent.runs.successRate, averageResponseMs: agent.runs.durations.average)
            })
    }
}

extension MetricsResource.WorkflowMetrics {
    fileprivate init(_ work: MonitoringReport) {
        let runs = work.flows
        self.init(
            total: runs.total, completed: runs.completed, failed: runs.failed, running: work.gauges.flows,
            successRate: runs.successRate, averageDurationMs: runs.durations.average)
    }
}

extension MetricsResource.Point {
    fileprivate init(_ part: RunBucket, at start: Date, seconds: Double, places: Int) {
        let runs = part.agents
        let busy = runs.durations.sum / 1_000 * 100 / (seconds * Double(max(1, places)))
        self.init(
            at: start, completed: runs.completed, failed: runs.failed,
            throughput: Double(runs.total) * 60 / seconds, errorRate: runs.errorRate, utilization: min(100, busy),
            averageDurationMs: runs.durations.average, workflowsFailed: part.flows.failed)
    }
}
