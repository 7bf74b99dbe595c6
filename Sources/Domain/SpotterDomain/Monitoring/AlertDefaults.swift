/// The alerts that every organisation has unless it switches them off.
public enum AlertDefaults {
    /// Their settings.
    public static let settings: [AlertSettings] = [
        alert(
            "Many runs fail", .critical, .errorRate, .avg, .gt, 10, for: 300,
            "More than 10 % of the runs of agents have failed for 5 minutes."),
        alert(
            "Nobody works on the queue", .critical, .workers, .min, .lt, 1, for: 60,
            "No process takes work from the queue."),
        alert(
            "Work waits in the queue", .warning, .queueDelay, .max, .gt, 60, for: 300,
            "Work has been ready for more than a minute before anybody took it, for 5 minutes."),
        alert(
            "Work was given up", .warning, .deadLetters, .max, .gt, 0, for: 0,
            "A run was given up after all its attempts. See what was given up in the queue."),
        alert(
            "A budget is nearly used up", .warning, .budgetUsed, .max, .gte, 90, for: 0,
            "At least 90 % of a budget is spent."),
        alert(
            "A model provider fails", .critical, .providerErrorRate, .avg, .gt, 25, for: 300,
            "More than 25 % of the calls of models have failed for 5 minutes."),
        alert(
            "An approval waits too long", .warning, .approvalAge, .max, .gt, 14_400, for: 0,
            "Somebody has been asked to allow something for more than 4 hours."),
        alert(
            "Workflows fail", .warning, .workflowFailures, .sum, .gte, 3, for: 900,
            "At least 3 plans or workflows have failed within 15 minutes."),
        alert(
            "Messages cannot be sent", .warning, .outboxFailed, .max, .gte, 5, for: 300,
            "At least 5 messages of the last day could not be sent."),
    ]

    /// One of them, in the order in which a person would say it.
    private static func alert(
        _ name: String, _ severity: AlertSeverity, _ metric: AlertMetric, _ aggregation: AlertAggregation,
        _ operator: AlertOperator, _ threshold: Double, for seconds: Int, _ message: String
    ) -> AlertSettings {
        AlertSettings(
            name: name, metric: metric.rawValue, operator: `operator`, threshold: threshold, durationSeconds: seconds,
            aggregation: aggregation, severity: severity, message: message)
    }

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
