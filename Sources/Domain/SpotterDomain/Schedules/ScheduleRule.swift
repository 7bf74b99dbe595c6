import Foundation

/// When something runs again and again, and what happens when it cannot: what people write.
public struct ScheduleRule: Sendable, Codable, Hashable {
    /// When, as ``CronExpression`` reads it.
    public var cron: String
    /// Whose clock, an IANA name; nil means the organisation's.
    public var timezone: String?
    /// What happens when the run before is not over yet; nil means skip.
    public var overlap: Overlap?
    /// What happens to fires that were missed; nil means latest.
    public var catchUp: CatchUp?
    /// How late a missed fire may still run, 0 to 604,800 (a week); nil means 3,600.
    public var catchUpWindowSeconds: Int?
    /// For times of day that the clocks pass over; nil means shift.
    public var dstGap: DaylightSavingGap?
    /// Spreads schedules that fire together over so many seconds, 0 to 3,600; nil means 0.
    public var jitterSeconds: Int?

    /// What happens when a schedule fires while its run before is not over.
    public enum Overlap: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// The new fire is written down as skipped.
        case skip
        /// The new run waits for the one before; at most one waits.
        case queue
        /// The run before is cancelled, then the new one starts.
        case cancelRunning = "cancel_running"
        /// Both run.
        case allow
    }

    /// What happens to fires whose time passed while nobody looked.
    public enum CatchUp: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        /// They are dropped.
        case skip
        /// One run stands for all of them.
        case latest
        /// Each runs, up to ``Schedule/maximumRuns``.
        case all
    }

    /// A rule; what is nil is left to the defaults.
    public init(
        cron: String, timezone: String? = nil, overlap: Overlap? = nil, catchUp: CatchUp? = nil,
        catchUpWindowSeconds: Int? = nil, dstGap: DaylightSavingGap? = nil, jitterSeconds: Int? = nil
    ) {
        self.cron = cron
        self.timezone = timezone
        self.overlap = overlap
        self.catchUp = catchUp
        self.catchUpWindowSeconds = catchUpWindowSeconds
        self.dstGap = dstGap
        self.jitterSeconds = jitterSeconds
    }

    /// The same rule with every default spelled out, as schedules are stored and shown.
    ///
    /// - Parameter timezone: the organisation's.
    public func resolved(timezone organizations: String) -> ScheduleRule {
        ScheduleRule(
            cron: cron, timezone: timezone ?? organizations, overlap: overlap ?? .skip, catchUp: catchUp ?? .latest,
            catchUpWindowSeconds: catchUpWindowSeconds ?? 3_600, dstGap: dstGap ?? .shift,
            jitterSeconds: jitterSeconds ?? 0)
    }
}

extension ScheduleRule: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "cron": Field(
            "When: five fields `minute hour day-of-month month day-of-week`, with seconds in front or a year at the end "
                + "if wanted, or a nickname such as `@daily`.", length: 1...CronParser.maximumLength,
            example: "30 6 * * MON-FRI"),
        "timezone": Field("Whose clock, an IANA name; the organisation's unless said.", example: "Europe/London"),
        "catch_up_window_seconds": Field("How late a missed fire may still run; 3600.", range: 0...604_800),
        "jitter_seconds": Field("Spreads schedules that fire together over so many seconds; 0.", range: 0...3_600),
    ]

    /// What is wrong with the rule; empty when ``Schedule/init(_:timezone:at:)`` will take it.
    ///
    /// - Parameter pointer: where the rule stands in what was sent, such as `/schedule`.
    public func issues(at pointer: String = "/schedule") -> [FieldIssue] {
        var issues: [FieldIssue] = []
        do {
            _ = try CronExpression(cron)
        } catch {
            issues.append(FieldIssue(pointer: "\(pointer)/cron", message: "cannot be read: \(error)"))
        }
        if let timezone, ZoneName.zone(timezone) == nil {
            issues.append(FieldIssue(pointer: "\(pointer)/timezone", message: ZoneName.problem(with: timezone)))
        }
        for (name, value, range) in [
            ("catch_up_window_seconds", catchUpWindowSeconds, 0...604_800),
            ("jitter_seconds", jitterSeconds, 0...3_600),
        ] {
            guard let value, !range.contains(value) else { continue }
            let message = "must be \(range.lowerBound) to \(range.upperBound)"
            issues.append(FieldIssue(pointer: "\(pointer)/\(name)", message: message))
        }
        return issues
    }
}

extension ScheduleRule.Overlap {
    /// What to do with a fire.
    public enum Decision: String, Sendable, Hashable, CaseIterable {
        /// Start a run.
        case start
        /// Start a run when those before are over.
        case wait
        /// Cancel what runs and waits, then start.
        case cancelThenStart
        /// Write the fire down as skipped.
        case skip
    }

    /// What to do with a fire while so many earlier runs of its schedule are not over.
    public func decide(running: Int, waiting: Int) -> Decision {
        guard running + waiting > 0 else { return .start }
        return switch self {
        case .allow: .start
        case .skip: .skip
        case .queue: waiting == 0 ? .wait : .skip
        case .cancelRunning: .cancelThenStart
        }
    }
}
