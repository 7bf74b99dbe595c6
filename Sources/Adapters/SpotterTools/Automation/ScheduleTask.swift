import Foundation
public import SpotterDomain

/// Has an agent do something later, once or again and again.
public struct ScheduleTask: Tool {
    /// What, when and by whom.
    public struct Arguments: Codable, Sendable {
        let title: String
        let instructions: String
        let agent: String?
        let date: String?
        let time: String?
        let cron: String?
        let priority: Priority?
    }

    private let planner: any TaskPlanner
    private let agents: any AgentStore

    /// A tool over the organisation's tasks.
    public init(planner: any TaskPlanner, agents: any AgentStore) {
        self.planner = planner
        self.agents = agents
    }

    /// `schedule_task`
    public let name = "schedule_task"
    /// What a model is told.
    public let summary = """
        Schedule a task that an agent does later by itself: once at a local date and time, or again and again by a cron \
        expression of five fields in the gym's time zone, such as `0 9 * * 1` for Mondays at 09:00. You do it yourself \
        unless agent names another. Write the instructions so that they can be followed without this conversation.
        """
    /// Does something.
    public let category = ToolCategory.automation
    /// Changes records.
    public let access = ToolAccess.write
    /// The same key is the same task.
    public let effect = ToolEffect.keyed

    /// Makes the task.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        let calendar = try GymCalendar(context.organization, now: context.now)
        let agent = try await agent(arguments.agent, context)
        var settings = WorkItemSettings(
            title: arguments.title, description: arguments.instructions, agentId: agent.id,
            priority: arguments.priority)
        settings.metadata = ["created_by": context.actor]
        let when = try plan(arguments, &settings, calendar, context)
        let status: WorkItemStatus?
        do {
            status = try await planner.plan(
                settings, by: context.caller.execution, key: context.effectKey, isDryRun: context.isDryRun,
                at: context.now, in: context.scope)
        } catch let error as SpotterError where error.code == .invalid {
            // The fields are a task's and not this tool's: their names would send a model astray.
            throw ToolFailure(
                "The task cannot be made: "
                    + error.issues.map { "\(Self.argument(of: $0.pointer)) \($0.message)" }
                    .joined(separator: "; ") + ".")
        }
        let who = agent.settings.name
        var row = ToolRow()
        row.set(
            "summary",
            status == nil
                ? "Nothing was scheduled. \(who) would do \"\(arguments.title)\" \(when)."
                : "\(who) does \"\(arguments.title)\" \(when).")
        if context.isDryRun { row.set("dry_run", true) }
        row.set("task_id", status?.item.id)
        row.set("agent_id", agent.id)
        row.set("agent", who)
        row.set("next_run", (status?.item.nextFireAt ?? settings.runAt).map(calendar.moment))
        row.set("timezone", calendar.timezone)
        return row.json
    }

    /// Sets when, and says it.
    private func plan(
        _ arguments: Arguments, _ settings: inout WorkItemSettings, _ calendar: GymCalendar, _ context: ToolContext
    ) throws -> String {
        switch (arguments.cron, arguments.date) {
        case (.some, .some): throw ToolFailure("Give cron, or date with time, not both.")
        case (nil, nil): throw ToolFailure("Say when: date with time for once, or cron for again and again.")
        case (let cron?, nil):
            guard arguments.time == nil else {
                throw ToolFailure("time goes with date. With cron, the time is in the expression.")
            }
            settings.schedule = ScheduleRule(cron: cron)
            return "by the schedule \(cron), in \(calendar.timezone)"
        case (nil, let date?):
            guard let time = arguments.time else { throw ToolFailure("Give the local time as well, such as 09:00.") }
            let moment = try calendar.instant(day: date, time: time)
            guard moment > context.now else {
                throw ToolFailure("\(calendar.words(moment)) has passed; it is \(calendar.words(context.now)).")
            }
            settings.runAt = moment
            return "once, on \(calendar.words(moment))"
        }
    }

    private func agent(_ wanted: String?, _ context: ToolContext) async throws -> Agent {
        guard let wanted else {
            guard let id = context.caller.agent else { throw ToolFailure("Say which agent does it: its name or id.") }
            return try await agents.agent(id, in: context.scope)
        }
        if let id = AgentID(wanted) {
            do { return try await agents.agent(id, in: context.scope) } catch let error as SpotterError
                where error.code == .notFound
            { throw ToolFailure("There is no agent \(id) here. Leave agent out, or give a name.") }
        }
        if let agent = try await agents.agent(named: wanted, in: context.scope) { return agent }
        let names = try await agents.list(AgentFilter(), PageRequest(limit: 50), in: context.scope).items
            .map(\.settings.name)
        let problem = DidYouMean.sentence(
            "There is no agent \"\(wanted.prefix(60))\"\(DidYouMean.hint(for: wanted, among: names))")
        throw ToolFailure("\(problem) There are: \(names.joined(separator: ", ")).")
    }

    private static func argument(of pointer: String) -> String {
        switch pointer {
        case "/agent_id": "agent"
        case "/description": "instructions"
        case "/run_at": "date and time"
        case let pointer where pointer.hasPrefix("/schedule"): "cron"
        default: String(pointer.dropFirst())
        }
    }
}

extension ScheduleTask.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "title": Field("What is to be done, in a line.", length: 1...200, example: "Weekly revenue report"),
        "instructions": Field("All that the agent has to know to do it.", length: 1...10_000),
        "agent": Field("Who does it: an agent's name or id. Left out: you.", length: 1...100),
        "date": Field("For once, the day: \(GymCalendar.accepted).", length: 1...20),
        "time": Field("For once, the local time, such as 09:00.", length: 1...10, example: "09:00"),
        "cron": Field(
            "For again and again: minute, hour, day of month, month, day of week.", length: 1...200,
            example: "0 9 * * 1"),
        "priority": Field("How soon its turn comes when it is due; medium if left out."),
    ]
}
