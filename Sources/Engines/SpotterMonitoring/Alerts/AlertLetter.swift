import SpotterDomain

/// What people read when an alert fires, or is over: whole sentences, with the gym, the value, the threshold and what the
/// value is of.
struct AlertLetter {
    let settings: AlertSettings
    /// What was measured; nil where nothing was.
    let value: Double?
    let isFiring: Bool
    /// What the organisation is called.
    let gym: String
    /// Where people reach the dashboard; nil where nobody said.
    let publicURL: String?

    /// What was measured first, then what people have written for the case, what it is, and where to look.
    ///
    /// - Parameter note: what else there is to say; nil for nothing.
    func paragraphs(noting note: String? = nil) -> [String] {
        let parts = [isFiring ? news : end, settings.message.map(Self.sentence), isFiring ? meaning : nil, note, link]
        return parts.compactMap { $0 }
    }

    private var news: String {
        let hold = settings.holdSeconds > 0 ? " for \(Self.duration(settings.holdSeconds))" : ""
        return "At \(gym), \(subject) is \(measured). "
            + "The \(quoted) fires when it is \(settings.operator.words) \(amount(settings.threshold))\(hold)."
    }

    private var end: String {
        guard value != nil else { return "At \(gym), the \(quoted) is over: nothing is measured any more." }
        return "At \(gym), the \(quoted) is over: \(subject) is \(measured). "
            + "It fires when that is \(settings.operator.words) \(amount(settings.threshold))."
    }

    /// The metrics that come with Spotter explain themselves.
    private var meaning: String? { AlertMetric(rawValue: settings.metric)?.explanation }

    private var link: String? { publicURL.map { "See it at \($0)/#/monitoring" } }

    private var quoted: String { "alert \u{201C}\(settings.name)\u{201D}" }

    /// Such as `the average of door_temp (room=a) over the last 5 minutes`.
    private var subject: String {
        let metric = AlertMetric(rawValue: settings.metric)
        if let metric, metric.isOfNow { return metric.words }
        let labels = (settings.labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let custom = settings.metric.dropFirst(AlertMetric.customPrefix.count)
        let name = metric?.words ?? (labels.isEmpty ? "\(custom)" : "\(custom) (\(labels.joined(separator: ", ")))")
        return "\(settings.aggregation.words) \(name) over the last \(AlertText.stretch(settings.window))"
    }

    private var measured: String { value.map(amount) ?? "not known" }

    private func amount(_ number: Double) -> String {
        let text = AlertText.number(number)
        return switch AlertMetric(rawValue: settings.metric)?.unit {
        case "percent": "\(text) %"
        case "milliseconds": "\(text) ms"
        case "seconds": "\(text) seconds"
        case "per_minute": "\(text) a minute"
        default: text
        }
    }

    private static func duration(_ seconds: Int) -> String {
        let text = AlertText.stretch(seconds)
        return text.first?.isNumber == true ? text : "a \(text)"
    }

    /// What people write may end as it likes; what comes after it begins anew.
    private static func sentence(_ text: String) -> String {
        text.last.map { ".!?\u{2026}".contains($0) } ?? true ? text : text + "."
    }
}

extension AlertAggregation {
    /// Before what was measured.
    fileprivate var words: String {
        switch self {
        case .avg: "the average of"
        case .sum: "the sum of"
        case .min: "the least value of"
        case .max: "the greatest value of"
        case .count: "the number of values of"
        case .p95: "the 95th percentile of"
        }
    }
}

extension AlertMetric {
    /// As a sentence has it.
    fileprivate var words: String {
        switch self {
        case .errorRate: "the share of agents' runs that failed"
        case .failedRuns: "the runs of agents that failed"
        case .throughput: "the runs of agents that ended"
        case .runDuration: "the time that runs of agents took"
        case .workflowFailures: "the plans and workflows that failed"
        case .workflowSuccessRate: "the share of plans and workflows that completed"
        case .agentUtilization: "the share of time in which agents were at work"
        case .queueDepth: "the number of runs that wait for a worker"
        case .queueDelay: "the time that the oldest run has waited for a worker"
        case .running: "the number of runs under way"
        case .deadLetters: "the number of runs that were given up and not looked after"
        case .workers: "the number of processes that work on the queue"
        case .approvalsWaiting: "the number of approvals that nobody has decided on"
        case .approvalAge: "the time that the oldest approval has waited"
        case .providerErrorRate: "the share of models' calls that failed"
        case .cost: "the cost of models' calls"
        case .budgetUsed: "the share that is spent of the budget of which most is"
        case .outboxFailed: "the number of messages of the last day that could not be sent"
        }
    }

    /// Whether it is measured at the moment and not over a while, so that nothing is made of several values.
    fileprivate var isOfNow: Bool {
        switch self {
        case .queueDepth, .queueDelay, .running, .deadLetters, .workers, .approvalsWaiting, .approvalAge, .budgetUsed,
            .outboxFailed:
            true
        default: false
        }
    }
}
