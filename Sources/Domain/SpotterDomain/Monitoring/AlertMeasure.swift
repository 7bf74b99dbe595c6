import Foundation

/// Takes one number out of what was measured, as an alert asks for it: pure.
public struct AlertMeasure: Sendable {
    private let report: MonitoringReport
    private let agents: [AgentRunFigures]
    private let budgets: [Budget]
    private let range: MetricRange

    /// What was measured over the stretch of an alert, in parts of a minute.
    public init(
        _ report: MonitoringReport, agents: [AgentRunFigures], budgets: [Budget], range: MetricRange
    ) {
        self.report = report
        self.agents = agents
        self.budgets = budgets
        self.range = range
    }

    /// The value; nil where there was nothing to measure.
    public func value(of metric: AlertMetric, _ aggregation: AlertAggregation) -> Double? {
        switch metric {
        case .errorRate: rate(report.agents.errorRate, aggregation) { $0.agents.errorRate }
        case .failedRuns: counted(aggregation) { Double($0.agents.failed) }
        case .throughput:
            aggregation == .avg
                ? Double(report.agents.total) / range.minutes
                : counted(aggregation) { Double($0.agents.total) }
        case .runDuration: duration(aggregation)
        case .workflowFailures: counted(aggregation) { Double($0.flows.failed) }
        case .workflowSuccessRate: rate(report.flows.successRate, aggregation) { $0.flows.successRate }
        case .agentUtilization: utilization(aggregation)
        case .queueDepth: Double(report.gauges.queued)
        case .queueDelay: report.gauges.oldestReadySeconds ?? 0
        case .running: Double(report.gauges.running)
        case .deadLetters: Double(report.gauges.dead)
        case .workers: Double(report.gauges.workers)
        case .approvalsWaiting: Double(report.gauges.approvals)
        case .approvalAge: report.gauges.oldestApprovalSeconds ?? 0
        case .providerErrorRate: report.calls.errorRate
        case .cost: report.calls.billed.amount.approximate
        case .budgetUsed: budgets.compactMap(\.usedPercent).max()
        case .outboxFailed: Double(report.gauges.outboxFailed)
        }
    }

    /// Of minutes with values of a custom metric.
    ///
    /// - Parameter values: the single values, as far as they are kept; wanted for a percentile alone, which is that of the
    ///   minutes' averages where there are none.
    public static func value(
        of minutes: [SampleFigures], values: [Double] = [], _ aggregation: AlertAggregation
    ) -> Double? {
        let whole = minutes.reduce(SampleFigures(), +)
        guard whole.count > 0 else { return nil }
        return switch aggregation {
        case .avg: whole.average
        case .sum: whole.sum
        case .min: whole.minimum
        case .max: whole.maximum
        case .count: Double(whole.count)
        case .p95: p95(values.isEmpty ? minutes.compactMap(\.average) : values)
        }
    }

    /// A share: its average is that of the whole stretch, so that a quiet minute does not weigh as much as a busy one.
    private func rate(
        _ whole: Double?, _ aggregation: AlertAggregation, _ part: (RunBucket) -> Double?
    ) -> Double? {
        aggregation == .avg ? whole : aggregated(report.buckets.compactMap(part), aggregation)
    }

    /// How many: of the whole stretch, but for what compares minutes, of which quiet ones count, too.
    private func counted(_ aggregation: AlertAggregation, _ part: (RunBucket) -> Double) -> Double? {
        let values = report.buckets.map(part)
        if aggregation == .sum || aggregation == .count { return values.reduce(0, +) }
        let quiet = max(0, range.buckets - values.count)
        return aggregated(values + Array(repeating: 0, count: quiet), aggregation)
    }

    private func duration(_ aggregation: AlertAggregation) -> Double? {
        let durations = report.agents.durations
        return switch aggregation {
        case .avg: durations.average
        case .sum: durations.sum
        case .min: durations.minimum
        case .max: durations.maximum
        case .count: Double(durations.count)
        case .p95: report.p95
        }
    }

    private func utilization(_ aggregation: AlertAggregation) -> Double? {
        let seconds = range.to.timeIntervalSince(range.from)
        return aggregated(agents.filter(\.isEnabled).map { $0.utilization(over: seconds) }, aggregation)
    }

    private func aggregated(_ values: [Double], _ aggregation: AlertAggregation) -> Double? {
        guard !values.isEmpty else { return nil }
        return switch aggregation {
        case .avg: values.reduce(0, +) / Double(values.count)
        case .sum: values.reduce(0, +)
        case .min: values.min()
        case .max: values.max()
        case .count: Double(values.count)
        case .p95: Self.p95(values)
        }
    }

    /// The least value that 95 of 100 are not above (nearest rank).
    static func p95(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let rank = Int((Double(values.count) * 0.95).rounded(.up))
        return values.sorted()[max(1, rank) - 1]
    }
}

extension Budget {
    /// How much of it is spent, in percent; the larger of money and tokens.
    public var usedPercent: Double? {
        let money = limit.flatMap { limit -> Double? in
            limit.amount > 0 ? (spent.amount / limit.amount).approximate * 100 : nil
        }
        let count = tokens.flatMap { $0 > 0 ? Double(spentTokens) * 100 / Double($0) : nil }
        return [money, count].compactMap(\.self).max()
    }
}

extension Decimal {
    /// Near enough for a threshold.
    fileprivate var approximate: Double { NSDecimalNumber(decimal: self).doubleValue }
}
