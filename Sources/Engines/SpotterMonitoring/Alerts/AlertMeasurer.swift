import Foundation
import SpotterDomain

/// Measures what alerts watch: once for all of an organisation's that look at the same stretch of time.
struct AlertMeasurer: Sendable {
    let monitoring: any MonitoringStore
    let budgets: any BudgetStore

    /// The value of each, in their order; nil where there was nothing to measure.
    func values(of settings: [AlertSettings], at now: Date, in scope: OrganizationScope) async throws -> [Double?] {
        var measures: [Int: AlertMeasure] = [:]
        let spent =
            settings.contains { $0.metric == AlertMetric.budgetUsed.rawValue }
            ? try await budgets.budgets(at: now, in: scope) : []
        var values: [Double?] = []
        for settings in settings {
            // What has just been written may bear a time that is a little later than the database's.
            let range = MetricRange(from: now - Double(settings.window), to: now + 1, bucketSeconds: 60)
            guard let metric = AlertMetric(rawValue: settings.metric) else {
                values.append(try await custom(settings, over: range, in: scope))
                continue
            }
            let measure: AlertMeasure
            if let known = measures[settings.window] {
                measure = known
            } else {
                measure = AlertMeasure(
                    try await monitoring.report(over: range, in: scope),
                    agents: try await monitoring.agents(over: range, in: scope), budgets: spent, range: range)
                measures[settings.window] = measure
            }
            values.append(measure.value(of: metric, settings.aggregation))
        }
        return values
    }

    private func custom(
        _ settings: AlertSettings, over range: MetricRange, in scope: OrganizationScope
    ) async throws -> Double? {
        let name = String(settings.metric.dropFirst(AlertMetric.customPrefix.count))
        let labels = settings.labels ?? [:]
        let minutes = try await monitoring.minutes(of: name, labels: labels, over: range, in: scope)
        guard settings.aggregation == .p95 else { return AlertMeasure.value(of: minutes, settings.aggregation) }
        let values = try await monitoring.values(of: name, labels: labels, over: range, in: scope)
        return AlertMeasure.value(of: minutes, values: values, .p95)
    }
}
