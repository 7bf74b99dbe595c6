/// The alerts that every organisation has unless it switches them off.
public enum AlertDefaults {
    /// Their settings.
    public static let settings: [AlertSettings] = [
        AlertSettings(
            name: "Many runs fail", metric: AlertMetric.errorRate.rawValue, operator: .gt, threshold: 10,
            durationSeconds: 300, aggregation: .avg, severity: .critical,
            message: "More than 10 % of the runs of agents have failed for 5 minutes."),
        AlertSettings(
            name: "Nobody works on the queue", metric: AlertMetric.workers.rawValue, operator: .lt, threshold: 1,
            durationSeconds: 60, aggregation: .min, severity: .critical,
            message: "No process takes work from the queue."),
        AlertSettings(
            name: "Work waits in the queue", metric: AlertMetric.queueDelay.rawValue, operator: .gt, threshold: 60,
            durationSeconds: 300, aggregation: .max, severity: .warning,
            message: "Work has been ready for more than a minute before anybody took it, for 5 minutes."),
        AlertSettings(
            name: "Work was given up", metric: AlertMetric.deadLetters.rawValue, operator: .gt, threshold: 0,
            durationSeconds: 0, aggregation: .max, severity: .warning,
            message: "A run was given up after all its attempts. See what was given up in the queue."),
        AlertSettings(
            name: "A budget is nearly used up", metric: AlertMetric.budgetUsed.rawValue, operator: .gte,
            threshold: 90, durationSeconds: 0, aggregation: .max, severity: .warning,
            message: "At least 90 % of a budget is spent."),
        AlertSettings(
            name: "A model provider fails", metric: AlertMetric.providerErrorRate.rawValue, operator: .gt,
            threshold: 25, durationSeconds: 300, aggregation: .avg, severity: .critical,
            message: "More than 25 % of the calls of models have failed for 5 minutes."),
        AlertSettings(
            name: "An approval waits too long", metric: AlertMetric.approvalAge.rawValue, operator: .gt,
            threshold: 14_400, durationSeconds: 0, aggregation: .max, severity: .warning,
            message: "Somebody has been asked to allow something for more than 4 hours."),
        AlertSettings(
            name: "Workflows fail", metric: AlertMetric.workflowFailures.rawValue, operator: .gte, threshold: 3,
            durationSeconds: 900, aggregation: .sum, severity: .warning,
            message: "At least 3 plans or workflows have failed within 15 minutes."),
        AlertSettings(
            name: "Messages cannot be sent", metric: AlertMetric.outboxFailed.rawValue, operator: .gte, threshold: 5,
            durationSeconds: 300, aggregation: .max, severity: .warning,
            message: "At least 5 messages of the last day could not be sent."),
    ]

    /// What may be changed of one: the rest is what it is about.
    public static func isAllowed(_ change: AlertSettings, of settings: AlertSettings) -> Bool {
        var same = change
        same.threshold = settings.threshold
        same.durationSeconds = settings.durationSeconds
        same.enabled = settings.enabled
        same.emails = settings.emails
        same.notify = settings.notify
        same.message = settings.message
        same.severity = settings.severity
        return same == settings
    }
}
