import Foundation
import SpotterDomain

extension StoreConformance {
    static let figuresOfWork: [StoreBehaviour] = [
        StoreBehaviour("figures count the runs that ended in a stretch of time, by part and by agent") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let agent = try await gym.agent(named: "Desk")
            let start = TestOrganization.start
            let range = MetricRange(from: start - 3_600, to: start + 3_600, bucketSeconds: 60)
            for state in [ExecutionState.completed, .failed, .completed] {
                let task = try await gym.task(gym.word(), for: agent)
                let run = try await gym.start(task, by: agent)
                _ = try await stores.executions.change(run.id, at: start, in: gym.scope) { journal in
                    var execution = journal.execution
                    execution.state = state
                    execution.startedAt = start
                    execution.completedAt = start + 2
                    execution.currentStep = nil
                    return ExecutionChange(execution: execution)
                }
            }
            let report = try await stores.monitoring.report(over: range, in: gym.scope)
            try requireEqual(report.agents.completed, 2)
            try requireEqual(report.agents.failed, 1)
            try requireEqual(report.flows.total, 0)
            try requireEqual(report.buckets.map(\.bucket), [60])
            try require(report.p95 != nil)
            let agents = try await stores.monitoring.agents(over: range, in: gym.scope)
            try requireEqual(agents.map(\.agent), [agent.id])
            try requireEqual(agents.first?.runs.failed, 1)
            let before = MetricRange(from: start - 7_200, to: start - 3_600, bucketSeconds: 60)
            try requireEqual(try await stores.monitoring.report(over: before, in: gym.scope).agents.total, 0)
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.monitoring.report(over: range, in: other.scope).agents.total, 0)
        },
        StoreBehaviour("gauges tell of what waits, and for whom") { stores in
            let gym = try await TestOrganization.make(in: stores)
            _ = try await stores.executions.enqueue([gym.work()], receipt: nil, in: gym.scope)
            _ = try await gym.askedApproval()
            let now = Date()
            let range = MetricRange(from: now - 60, to: now + 60, bucketSeconds: 60)
            let gauges = try await stores.monitoring.report(over: range, in: gym.scope).gauges
            try requireEqual(gauges.queued, 1)
            try require(gauges.oldestReadySeconds != nil)
            try requireEqual(gauges.waiting, 1)
            try requireEqual(gauges.approvals, 1)
            try require(gauges.oldestApprovalSeconds.map { $0 > 0 } ?? false)
            let all = try await stores.monitoring.deployment()
            try require(all.ready >= 1 && all.waiting >= 1)
        },
        StoreBehaviour("own figures are kept minute by minute, and told apart by their labels") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let now = TestOrganization.start
            for (door, value) in [("front", 1.0), ("front", 2), ("back", 5)] {
                let sample = CustomSample(name: "doors", kind: .counter, labels: ["door": door], value: value)
                try requireEqual(
                    try await stores.monitoring.record(sample, at: now, in: gym.scope), ["door": door])
            }
            let later = CustomSample(name: "doors", kind: .counter, labels: ["door": "front"], value: 4)
            _ = try await stores.monitoring.record(later, at: now + 120, in: gym.scope)
            let range = MetricRange(from: now, to: now + 300, bucketSeconds: 60)
            let series = try await stores.monitoring.series(named: nil, over: range, in: gym.scope)
            try requireEqual(series.map(\.labels), [["door": "back"], ["door": "front"]])
            try requireEqual(series.last?.value, 7)
            try requireEqual(series.last?.figures, SampleFigures(count: 3, sum: 7, minimum: 1, maximum: 4))
            let minutes = try await stores.monitoring.minutes(of: "doors", labels: [:], over: range, in: gym.scope)
            try requireEqual(minutes.map(\.sum), [8, 4])
            let front = try await stores.monitoring.minutes(
                of: "doors", labels: ["door": "front"], over: range, in: gym.scope)
            try requireEqual(front.map(\.count), [2, 1])
            let values = try await stores.monitoring.values(
                of: "doors", labels: ["door": "front"], over: range, in: gym.scope)
            try requireEqual(values.sorted(), [1, 2, 4])
            for number in 1...105 {
                let sample = CustomSample(name: "heat", kind: .gauge, value: Double(number))
                _ = try await stores.monitoring.record(sample, at: now, in: gym.scope)
            }
            let kept = try await stores.monitoring.values(of: "heat", labels: [:], over: range, in: gym.scope)
            try requireEqual(kept.sorted(), (6...105).map(Double.init))
            let wrong = CustomSample(name: "doors", kind: .gauge, value: 1)
            try await requireError(.invalid) {
                _ = try await stores.monitoring.record(wrong, at: now, in: gym.scope)
            }
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(
                try await stores.monitoring.series(named: "doors", over: range, in: other.scope).count, 0)
        },
        StoreBehaviour("a gauge keeps the last value, and old measurements are forgotten") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let now = TestOrganization.start
            for (offset, value) in [(0.0, 3.0), (600, 2)] {
                _ = try await stores.monitoring.record(
                    CustomSample(name: "heat", kind: .gauge, value: value), at: now + offset, in: gym.scope)
            }
            let range = MetricRange(from: now, to: now + 3_600, bucketSeconds: 60)
            try requireEqual(
                try await stores.monitoring.series(named: "heat", over: range, in: gym.scope).map(\.value), [2])
            try requireEqual(try await stores.monitoring.forgetMeasurements(before: now + 300, in: gym.scope), 1)
            try requireEqual(
                try await stores.monitoring.minutes(of: "heat", labels: [:], over: range, in: gym.scope).count, 1)
            try requireEqual(try await stores.monitoring.forgetMeasurements(before: now + 900, in: gym.scope), 1)
            try requireEqual(
                try await stores.monitoring.series(named: nil, over: range, in: gym.scope).count, 0)
        },
        StoreBehaviour("series beyond the bound count as others") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let now = TestOrganization.start
            for number in 0..<CustomMetric.mostSeries {
                _ = try await stores.monitoring.record(
                    CustomSample(name: "many", kind: .counter, labels: ["n": "\(number)"], value: 1), at: now,
                    in: gym.scope)
            }
            for number in 0..<2 {
                let sample = CustomSample(name: "many", kind: .counter, labels: ["more": "\(number)"], value: 1)
                try requireEqual(
                    try await stores.monitoring.record(sample, at: now, in: gym.scope), CustomMetric.other)
            }
            let range = MetricRange(from: now, to: now + 60, bucketSeconds: 60)
            let series = try await stores.monitoring.series(named: "many", over: range, in: gym.scope)
            try requireEqual(series.count, CustomMetric.mostSeries + 1)
            try requireEqual(series.first { $0.labels == CustomMetric.other }?.value, 2)
        },
        StoreBehaviour("a run knows in which trace it was asked for, and so does what it begins") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var parent = try unwrap(TraceParent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
            parent.state = try unwrap(TraceState("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"))
            let (first, alone) = (gym.work(), gym.work())
            _ = try await TraceParent.$current.withValue(parent) {
                try await stores.executions.enqueue([first], receipt: nil, in: gym.scope)
            }
            let child = gym.work(parent: first.id)
            _ = try await stores.executions.enqueue([child, alone], receipt: nil, in: gym.scope)
            let ids = [first.id, child.id, alone.id]
            let origins = try await stores.monitoring.origins(of: ids, in: gym.scope)
            try requireEqual(origins[first.id], TraceOrigin(root: first.id, parent: parent))
            try requireEqual(origins[child.id], TraceOrigin(root: first.id, parent: parent))
            try requireEqual(origins[alone.id], TraceOrigin(root: alone.id, parent: nil))
            let other = try await TestOrganization.make(in: stores)
            try requireEqual(try await stores.monitoring.origins(of: ids, in: other.scope), [:])
        },
    ]
}
