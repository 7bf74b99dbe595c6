import Foundation
public import SpotterDomain

/// Writes to a group of members, step by step, until they are back.
public struct CreateRetentionCampaign: Tool {
    /// Whom, what and when.
    public struct Arguments: Codable, Sendable {
        let name: String
        let audience: CampaignAudience
        let steps: [CampaignStep]
        let stopOn: CampaignStop?
        let startDate: String?
        let startTime: String?
        let asDraft: Bool?
    }

    private let campaigns: any CampaignDesk
    private let sendsMessages: Bool
    private let ids: any IDGenerator
    /// The most members of one campaign.
    static let most = 5_000

    /// - Parameter sendsMessages: whether messages have a way out here; without one the steps wait, and that is said.
    public init(campaigns: any CampaignDesk, sendsMessages: Bool, ids: any IDGenerator) {
        self.campaigns = campaigns
        self.sendsMessages = sendsMessages
        self.ids = ids
    }

    /// `create_retention_campaign`
    public let name = "create_retention_campaign"
    /// What a model is told.
    public let summary = """
        Create a retention campaign: one to five messages, days apart, to a group of members chosen by status, tags, days \
        without a visit, or ids. Only those who consented to marketing are in it; each stops by itself when they visit \
        (or book), or leave. `{{first_name}}` and `{{gym}}` are filled in. Try it with dry_run first: it says how many it \
        would reach. Show that plan and wait for a clear yes before you create it.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Writes to people, once its messages are due.
    public let access = ToolAccess.outward
    /// The same key is the same campaign.
    public let effect = ToolEffect.keyed

    /// Keeps the campaign with its members, or says whom it would reach.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        try check(arguments.steps)
        let order = CampaignOrder(
            id: ids.id(at: context.now), name: arguments.name, audience: arguments.audience,
            stop: arguments.stopOn ?? .visit, steps: arguments.steps, startsAt: try start(arguments, calendar, context),
            begins: arguments.asDraft != true, most: Self.most, by: context.actor, key: context.effectKey,
            at: context.now, isDryRun: context.isDryRun)
        let outcome = try await campaigns.create(order, in: context.scope)
        if outcome.reachable == 0, outcome.id == nil {
            throw ToolFailure(
                outcome.matching == 0
                    ? "No member matches the audience. Widen it."
                    : "\(counted(outcome.matching, "member matches", "members match")), but none of them consented to "
                        + "marketing by the channels of the steps and can be reached by them. Nobody is written to "
                        + "without consent.")
        }
        guard outcome.reachable <= Self.most else {
            throw ToolFailure(
                "\(outcome.reachable) members would be written to; \(Self.most) is the most. Narrow the audience.")
        }
        return answer(outcome, order, calendar, context)
    }

    private func check(_ steps: [CampaignStep]) throws {
        for (index, step) in steps.enumerated() {
            if step.channel == .email, step.subject == nil {
                throw ToolFailure("steps[\(index)] is an e-mail and needs a subject.")
            }
            if step.channel == .sms, step.body.count > 640 {
                throw ToolFailure("steps[\(index)] is an SMS of \(step.body.count) characters; 640 is the most.")
            }
            let known = ["first_name", "name", "gym"]
            let unknown = MessageFields.names(in: step.body + (step.subject ?? "")).filter { !known.contains($0) }
            guard unknown.isEmpty else {
                throw ToolFailure(
                    "steps[\(index)] names {{\(unknown[0])}}, which is not known. There are: "
                        + known.map { "{{\($0)}}" }.joined(separator: ", ") + ".")
            }
            if index > 0, step.delayDays == 0 {
                throw ToolFailure(
                    "steps[\(index)] would go on the same day as the one before. Give delay_days of 1 or more.")
            }
        }
    }

    private func start(_ arguments: Arguments, _ calendar: GymCalendar, _ context: ToolContext) throws -> Date {
        guard let date = arguments.startDate else {
            guard arguments.startTime == nil else { throw ToolFailure("Give start_date together with start_time.") }
            return context.now
        }
        let start = try calendar.instant(day: date, time: arguments.startTime ?? "10:00")
        guard start > context.now else {
            throw ToolFailure("\(calendar.words(start)) has passed; it is \(calendar.words(context.now)).")
        }
        return start
    }

    private func answer(
        _ outcome: CampaignOutcome, _ order: CampaignOrder, _ calendar: GymCalendar, _ context: ToolContext
    ) -> JSONValue {
        let people = counted(outcome.reachable, "member")
        let left = outcome.matching - outcome.reachable
        let others = left > 0 ? " \(left) more match but did not consent or cannot be reached." : ""
        let first = calendar.words(max(order.dueAt(0), context.now))
        let plan = "\(counted(order.steps.count, "message")) to \(people), the first from \(first)"
        let stop =
            switch order.stop {
            case .visit: "It stops for whoever visits or leaves."
            case .booking: "It stops for whoever books or leaves."
            case .never: "It stops for whoever leaves."
            }
        let sentence =
            context.isDryRun
            ? "Nothing was created. \(order.name) would be \(plan).\(others) \(stop)"
            : order.begins
                ? "\(order.name) is running: \(plan).\(others) \(stop)"
                : "\(order.name) is kept as a draft: \(plan).\(others) Nothing is sent until somebody starts it."
        let warning = sendsMessages ? "" : " Messages have no way out here yet: the steps wait until there is one."
        var row = ToolRow()
        row.set("summary", sentence + warning)
        if context.isDryRun { row.set("dry_run", true) }
        row.set("campaign_id", context.isDryRun ? nil : outcome.id)
        row.set("status", context.isDryRun ? nil : order.begins ? "running" : "draft")
        row.set("matching", outcome.matching)
        row.set("reachable", outcome.reachable)
        row.set("without_consent", outcome.withoutConsent)
        row.set(
            "schedule",
            .array(
                order.steps.indices.map { index in
                    [
                        "channel": .string(order.steps[index].channel.rawValue),
                        "not_before": .string(calendar.moment(max(order.dueAt(index), context.now))),
                    ]
                }))
        return row.json
    }
}

extension CreateRetentionCampaign.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "name": Field("What the team calls it.", length: 1...200, example: "We miss you, November"),
        "audience": Field("Whom it is for. Everything that is given must hold."),
        "steps": Field("The messages, in order.", count: 1...5),
        "stop_on": Field("What ends it early for somebody; visit if left out."),
        "start_date": Field("The first day: \(GymCalendar.accepted). Now if left out.", length: 1...20),
        "start_time": Field("The local time on that day; 10:00 if left out.", length: 1...10),
        "as_draft": Field("Keep it without sending anything until somebody starts it."),
    ]
}
