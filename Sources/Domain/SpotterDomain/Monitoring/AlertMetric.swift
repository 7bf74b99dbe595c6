/// What alerts can watch, beside the custom metrics of an organisation.
public enum AlertMetric: String, Sendable, CaseIterable {
    case errorRate = "error_rate"
    case failedRuns = "failed_runs"
    case throughput
    case runDuration = "run_duration_ms"
    case workflowFailures = "workflow_failures"
    case workflowSuccessRate = "workflow_success_rate"
    case agentUtilization = "agent_utilization"
    case queueDepth = "queue_depth"
    case queueDelay = "queue_delay_seconds"
    case running
    case deadLetters = "dead_letters"
    case workers
    case approvalsWaiting = "approvals_waiting"
    case approvalAge = "approval_age_seconds"
    case providerErrorRate = "provider_error_rate"
    case cost
    case budgetUsed = "budget_used"
    case outboxFailed = "outbox_failed"

    /// Before the name of a custom metric.
    public static let customPrefix = "custom:"

    /// In what it is measured.
    public var unit: String {
        switch self {
        case .errorRate, .workflowSuccessRate, .agentUtilization, .providerErrorRate, .budgetUsed: "percent"
        case .failedRuns, .workflowFailures, .queueDepth, .running, .deadLetters, .workers, .approvalsWaiting,
            .outboxFailed:
            "count"
        case .throughput: "per_minute"
        case .runDuration: "milliseconds"
        case .queueDelay, .approvalAge: "seconds"
        case .cost: "currency"
        }
    }

    /// What it is, for people.
    public var explanation: String {
        switch self {
        case .errorRate: "Of the runs of agents that ended, the share that failed."
        case .failedRuns: "Runs of agents that failed."
        case .throughput: "Runs of agents that ended in a minute."
        case .runDuration: "How long runs of agents took."
        case .workflowFailures: "Runs of plans and workflows that failed."
        case .workflowSuccessRate: "Of the runs of plans and workflows that ended, the share that completed."
        case .agentUtilization: "The share of their time in which agents were at work."
        case .queueDepth: "Runs that are ready and wait for a worker, now."
        case .queueDelay: "For how long the oldest of those has waited, now."
        case .running: "Runs that are under way, now."
        case .deadLetters: "Runs that were given up and that nobody has looked after, now."
        case .workers: "Processes that work on the queue, now."
        case .approvalsWaiting: "Approvals that nobody has decided on, now."
        case .approvalAge: "For how long the oldest of those has waited, now."
        case .providerErrorRate: "Of the calls of models, the share that failed."
        case .cost: "What calls of models cost, billed."
        case .budgetUsed: "The share that is spent of the budget of which most is, now."
        case .outboxFailed: "Messages of the last day that could not be sent, now."
        }
    }

    /// What is wrong with a metric's name; nil where nothing is.
    public static func problem(with name: String) -> String? {
        if AlertMetric(rawValue: name) != nil { return nil }
        if name.hasPrefix(customPrefix) {
            return CustomMetric.problem(withName: String(name.dropFirst(customPrefix.count)))
        }
        let known = allCases.map(\.rawValue)
        let hint = DidYouMean.hint(for: name, among: known)
        return "must be one of \(known.joined(separator: ", ")), or custom: and the name of a metric of your own\(hint)"
    }
}

extension AlertSettings {
    /// What the schema cannot say.
    ///
    /// - Parameter isMailbox: whether a text is an e-mail address.
    public func issues(isMailbox: (String) -> Bool = { $0.contains("@") }) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        if let problem = AlertMetric.problem(with: metric) {
            issues.append(FieldIssue(pointer: "/metric", message: problem))
        }
        if let labels, !labels.isEmpty {
            if !metric.hasPrefix(AlertMetric.customPrefix) {
                issues.append(FieldIssue(pointer: "/labels", message: "are for custom metrics alone"))
            } else {
                issues += CustomMetric.issues(withLabels: labels, at: "/labels")
            }
        }
        for (index, address) in (emails ?? []).enumerated() where !isMailbox(address) {
            issues.append(FieldIssue(pointer: "/emails/\(index)", message: "must be an e-mail address"))
        }
        if !threshold.isFinite { issues.append(FieldIssue(pointer: "/threshold", message: "must be a finite number")) }
        return issues
    }
}
