import Foundation
import SpotterDomain

/// A series of figures that an organisation records itself.
struct StoredSeries: Sendable {
    var series: CustomSeries
    /// By the beginning of each minute.
    var minutes: [Date: SampleFigures] = [:]
    var samples: [Date: [Double]] = [:]
}

/// An organisation's figures in memory.
struct MemoryMonitoringStore: MonitoringStore {
    let database: MemoryDatabase

    func report(over range: MetricRange, in scope: OrganizationScope) async throws -> MonitoringReport {
        let now = database.clock.now()
        let workers = database.everything { state in state.workers.values.count { $0 > now } }
        return database.read(scope) { records in
            let ended = records.ended(in: range)
            var buckets: [Int: RunBucket] = [:]
            for run in ended {
                guard let bucket = run.completedAt.flatMap({ range.bucket(of: $0) }) else { continue }
                var part = buckets[bucket] ?? RunBucket(bucket: bucket)
                if run.isFlow { part.flows = part.flows + run.figures } else { part.agents = part.agents + run.figures }
                buckets[bucket] = part
            }
            let times = ended.filter { !$0.isFlow }.compactMap(\.milliseconds).sorted()
            let rank = Int((Double(times.count) * 0.95).rounded(.up))
            return MonitoringReport(
                buckets: buckets.values.sorted { $0.bucket < $1.bucket },
                p95: times.isEmpty ? nil : times[max(1, rank) - 1], calls: records.calls(in: range),
                gauges: records.gauges(workers: workers, at: now))
        }
    }

    func agents(over range: MetricRange, in scope: OrganizationScope) async throws -> [AgentRunFigures] {
        database.read(scope) { records in
            let ended = records.ended(in: range)
            return records.agents.values.filter { !$0.isDeleted }.map(\.agent)
                .sorted { (FoldedText.fold($0.settings.name), $0.id) < (FoldedText.fold($1.settings.name), $1.id) }
                .map { agent in
                    AgentRunFigures(
                        agent: agent.id, name: agent.settings.name, isEnabled: agent.settings.enabled ?? true,
                        maxConcurrent: agent.settings.maxConcurrent,
                        runs: ended.filter { $0.agentId == agent.id }.reduce(RunFigures()) { $0 + $1.figures },
                        running: records.executions.values.count {
                            $0.worker != nil && $0.execution.agentId == agent.id
                        })
                }
        }
    }

    func deployment() async throws -> DeploymentFigures {
        let now = database.clock.now()
        return database.everything { state in
            let runs = state.organizations.values.flatMap { $0.executions.values }
            let ready = runs.filter { $0.placeAt != nil }
            return DeploymentFigures(
                ready: ready.count, running: runs.count { $0.worker != nil },
                waiting: runs.count { $0.execution.state == .waiting },
                oldestReadySeconds: ready.map { now.timeIntervalSince($0.execution.createdAt) }.max(),
                workers: state.workers.values.count { $0 > now })
        }
    }

    func origins(
        of executions: [ExecutionID], in scope: OrganizationScope
    ) async throws -> [ExecutionID: TraceOrigin] {
        database.read(scope) { records in
            var origins: [ExecutionID: TraceOrigin] = [:]
            for id in executions where records.executions[id] != nil {
                var root = id
                while let parent = records.executions[root]?.execution.parentId { root = parent }
                origins[id] = TraceOrigin(root: root, parent: records.executions[root]?.traceParent)
            }
            return origins
        }
    }

    func record(
        _ sample: CustomSample, at now: Date, in scope: OrganizationScope
    ) async throws -> [String: String] {
        try database.write(scope) { records in
            let known = records.metrics.values.map(\.series)
            if let kind = known.first(where: { $0.name == sample.name })?.kind, kind != sample.kind {
                throw SpotterError.invalid("/kind", "must be \(kind.rawValue), as \(sample.name) is already")
            }
            var labels = sample.labels
            let isKnown = known.contains { $0.name == sample.name && $0.labels == labels }
            if !isKnown, known.count(where: { $0.labels != CustomMetric.other }) >= CustomMetric.mostSeries {
                labels = CustomMetric.other
            }
            let key = "\(sample.name) \(CustomMetric.key(of: labels))"
            let old = records.metrics[key]
            let sum = (old?.series.value ?? 0) + sample.value
            var stored = StoredSeries(
                series: CustomSeries(
                    name: sample.name, kind: sample.kind, labels: labels, figures: SampleFigures(),
                    value: sample.kind == .counter ? sum : sample.value,
                    updatedAt: max(now, old?.series.updatedAt ?? now)),
                minutes: old?.minutes ?? [:], samples: old?.samples ?? [:])
            stored.samples[now.minute] = ((old?.samples[now.minute] ?? []) + [sample.value]).suffix(100).map(\.self)
            stored.minutes[now.minute, default: SampleFigures()].add(sample.value)
            records.metrics[key] = stored
            return labels
        }
    }

    func series(
        named name: String?, over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [CustomSeries] {
        database.read(scope) { records in
            records.metrics.values.compactMap { stored -> CustomSeries? in
                let series = stored.series
                let figures = stored.figures(in: range)
                guard name == nil || series.name == name, figures.count > 0 else { return nil }
                return CustomSeries(
                    name: series.name, kind: series.kind, labels: series.labels, figures: figures,
                    value: series.value, updatedAt: series.updatedAt)
            }.sorted { ($0.name, CustomMetric.key(of: $0.labels)) < ($1.name, CustomMetric.key(of: $1.labels)) }
        }
    }

    func minutes(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [SampleFigures] {
        database.read(scope) { records in
            var minutes: [Date: SampleFigures] = [:]
            for stored in records.metrics.values
            where stored.series.name == name && labels.allSatisfy({ stored.series.labels[$0.key] == $0.value }) {
                for (minute, figures) in stored.minutes where minute >= range.from.minute && minute < range.to {
                    minutes[minute] = (minutes[minute] ?? SampleFigures()) + figures
                }
            }
            return minutes.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    func values(
        of name: String, labels: [String: String], over range: MetricRange, in scope: OrganizationScope
    ) async throws -> [Double] {
        database.read(scope) { records in
            records.metrics.values.filter { stored in
                stored.series.name == name && labels.allSatisfy { stored.series.labels[$0.key] == $0.value }
            }.flatMap { stored in
                stored.samples.filter { $0.key >= range.from.minute && $0.key < range.to }.flatMap(\.value)
            }
        }
    }

    func forgetMeasurements(before date: Date, in scope: OrganizationScope) async throws -> Int {
        try database.write(scope) { records in
            var forgotten = 0
            for (key, stored) in records.metrics {
                let kept = stored.minutes.filter { $0.key >= date }
                forgotten += stored.minutes.count - kept.count
                records.metrics[key]?.minutes = kept
                if kept.isEmpty, stored.series.updatedAt < date { records.metrics[key] = nil }
            }
            return forgotten
        }
    }
}

extension StoredSeries {
    fileprivate func figures(in range: MetricRange) -> SampleFigures {
        minutes.filter { $0.key >= range.from.minute && $0.key < range.to }.values.reduce(SampleFigures(), +)
    }
}

extension Date {
    fileprivate var minute: Date {
        Date(timeIntervalSince1970: (timeIntervalSince1970 / 60).rounded(.down) * 60)
    }
}

extension Execution {
    fileprivate var isFlow: Bool { kind == .plan || kind == .workflow }

    fileprivate var milliseconds: Double? {
        completedAt.map { $0.timeIntervalSince(startedAt ?? createdAt) * 1_000 }
    }

    fileprivate var figures: RunFigures {
        var figures = RunFigures(
            completed: state == .completed ? 1 : 0, failed: state == .failed ? 1 : 0,
            cancelled: state == .cancelled ? 1 : 0)
        if let milliseconds { figures.durations.add(milliseconds) }
        return figures
    }
}

extension OrganizationRecords {
    fileprivate func ended(in range: MetricRange) -> [Execution] {
        executions.values.map(\.execution).filter { run in
            ![.probe, .compression].contains(run.kind) && run.state.isTerminal
                && run.completedAt.map { range.bucket(of: $0) != nil } ?? false
        }
    }

    fileprivate func calls(in range: MetricRange) -> CallFigures {
        ledger.filter { $0.at >= range.from && $0.at < range.to }.reduce(into: CallFigures()) { figures, line in
            if line.call != nil { figures.calls += 1 }
            if line.outcome == .failed { figures.failed += 1 }
            figures.inputTokens += line.usage.inputTokens
            figures.outputTokens += line.usage.outputTokens
            figures.billed = figures.billed + line.cost.billed
        }
    }

    fileprivate func gauges(workers: Int, at now: Date) -> WorkGauges {
        let runs = executions.values
        let approvals = runs.flatMap { $0.steps.values.filter { $0.kind == .approval && $0.state == .waiting } }
        let ready = runs.filter { $0.placeAt != nil }
        return WorkGauges(
            queued: ready.count,
            oldestReadySeconds: ready.map { now.timeIntervalSince($0.execution.createdAt) }.max(),
            running: runs.count {
                $0.worker != nil && !$0.execution.isFlow && ![.probe, .compression].contains($0.execution.kind)
            },
            waiting: runs.count { $0.execution.state == .waiting },
            flows: runs.count { $0.execution.isFlow && !$0.execution.state.isTerminal },
            dead: runs.count { $0.execution.deadAt != nil }, approvals: approvals.count,
            oldestApprovalSeconds: approvals.map(\.startedAt).min().map { now.timeIntervalSince($0) },
            workers: workers,
            outboxFailed: outbox.values.count {
                [.failed, .needsReview].contains($0.message.status) && $0.message.createdAt > now - 86_400
            })
    }
}
