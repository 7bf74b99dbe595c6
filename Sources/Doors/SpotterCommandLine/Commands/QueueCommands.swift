import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose queue.")

/// `spotter queue stats`
struct QueueStatsCommand: Command {
    let path = ["queue", "stats"]
    let summary = "Show what an organisation has queued and running"
    let example = "spotter queue stats --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON, as GET /v1/queue does.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        try terminal.show(
            await product.queueStatistics(organization: arguments.required("organization")),
            asJSON: arguments.has("json"))
    }
}

/// `spotter queue pause`
struct QueuePauseCommand: Command {
    let path = ["queue", "pause"]
    let summary = "Hold an organisation's queue back; what runs goes on"
    let example = "spotter queue pause --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        try terminal.show(
            await product.setQueuePaused(true, organization: arguments.required("organization")),
            asJSON: arguments.has("json"))
    }
}

/// `spotter queue resume`
struct QueueResumeCommand: Command {
    let path = ["queue", "resume"]
    let summary = "Let an organisation's queue go on"
    let example = "spotter queue resume --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        try terminal.show(
            await product.setQueuePaused(false, organization: arguments.required("organization")),
            asJSON: arguments.has("json"))
    }
}

/// `spotter queue dead`
struct QueueDeadCommand: Command {
    let path = ["queue", "dead"]
    let summary = "List the executions that were given up, newest first"
    let example = "spotter queue dead --organization iron-temple --limit 20"
    let options: [OptionSpec] = [
        organizationOption, .option("limit", "COUNT", "At most so many, 1 to 1000. Default 50."),
        .flag("json", "Print one line of JSON for each."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let dead = try await product.deadExecutions(
            organization: arguments.required("organization"), limit: arguments.integer("limit", in: 1...1_000) ?? 50)
        if arguments.has("json") {
            for execution in dead { terminal.print(try JSONValue(encoding: execution).description) }
        } else if dead.isEmpty {
            terminal.print("Nothing was given up.")
        } else {
            terminal.table(
                ["ID", "KIND", "GIVEN UP", "TRIES", "WHY"],
                dead.map { execution in
                    [
                        "\(execution.id)", execution.kind.rawValue,
                        execution.deadAt.map(Timestamp.string(from:)) ?? "", "\(execution.attempt)",
                        execution.error.map { "\($0.code): \($0.message)" } ?? "",
                    ]
                })
        }
    }
}

/// `spotter queue requeue`
struct QueueRequeueCommand: Command {
    let path = ["queue", "requeue"]
    let summary = "Put executions that were given up back into the queue"
    let operands = "EXECUTION…"
    let example = "spotter queue requeue exec_01m7z… --organization iron-temple"
    let options: [OptionSpec] = [
        organizationOption, .flag("all", "All that were given up, the newest 1000."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let organization = try arguments.required("organization")
        let ids = try arguments.words.map { word in
            guard let id = ExecutionID(word) else { throw UsageError("\(word) is not the id of an execution (exec_…)") }
            return id
        }
        if ids.isEmpty, !arguments.has("all") {
            throw UsageError("the id of an execution is needed, or --all")
        }
        let requeue = { id in try await product.requeue(id, organization: organization) }
        var refused = try await Self.requeue(ids, asJSON: arguments.has("json"), terminal, by: requeue)
        if arguments.has("all") {
            // Looked for only now: those that were named are not among them any more.
            let dead = try await product.deadExecutions(organization: organization, limit: 1_000)
            refused += try await Self.requeue(dead.map(\.id), asJSON: arguments.has("json"), terminal, by: requeue)
        }
        guard refused == 0 else { throw SpotterError(.conflict, "\(refused) could not be put back into the queue.") }
    }

    /// Requeues one after the other; one that cannot be tried again keeps none of the others back.
    ///
    /// - Returns: how many could not.
    static func requeue(
        _ ids: [ExecutionID], asJSON: Bool, _ terminal: Terminal, by requeue: (ExecutionID) async throws -> Execution
    ) async throws -> Int {
        var refused = 0
        for id in ids {
            do {
                let execution = try await requeue(id)
                terminal.print(asJSON ? try JSONValue(encoding: execution).description : "\(id) is queued.")
            } catch let error as SpotterError where [.conflict, .notFound].contains(error.code) {
                terminal.complain("\(id): \(error.message)")
                refused += 1
            }
        }
        return refused
    }
}

extension Terminal {
    fileprivate func show(_ statistics: QueueStatistics, asJSON: Bool) throws {
        if asJSON { return print(try JSONValue(encoding: statistics).description) }
        if statistics.isPaused { print(red("The queue is paused: nothing is taken from it. Chats go on.")) }
        let rows = [
            ("Ready", "\(statistics.ready)", "to be taken up"),
            ("Scheduled", "\(statistics.scheduled)", "for later, or for another try"),
            ("Running", "\(statistics.running)", "of at most \(statistics.maxRunning)"),
            ("Waiting", "\(statistics.waiting)", "for an answer, a timer or another execution"),
            ("Held", "\(statistics.paused)", "until somebody resumes them"),
            ("Given up", "\(statistics.dead)", "spotter queue dead lists them"),
        ]
        for (name, count, meaning) in rows {
            print(
                name.padding(toLength: 11, withPad: " ", startingAt: 0)
                    + String(repeating: " ", count: max(0, 7 - count.count)) + count + "  " + dim(meaning))
        }
        print("The first of the ready ones has waited for \(statistics.oldestReadyMs) ms.")
        print("At most \(statistics.startsPerMinute.map(String.init) ?? "any number of") runs begin in a minute.")
    }
}
