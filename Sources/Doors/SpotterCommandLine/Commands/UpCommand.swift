import SpotterDomain

/// `spotter up`: everything, from one command.
struct UpCommand: Command {
    let path = ["up"]
    let summary = "Start everything: a private database, the demo gyms, their agents, the server"
    let example = "spotter up --port 8080"
    let options: [OptionSpec] = [
        .option("port", "PORT", "Where to listen; 0 picks a free port. Default 8080, or SPOTTER_PORT."),
        .option("host", "ADDRESS", "Where to listen. Default 127.0.0.1, or SPOTTER_HOST."),
        .option("data", "DIR", "Where the private database lives. Default .spotter"),
        .flag("json", "Print one line of JSON when ready, for programs."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let asJSON = arguments.has("json")
        let options = UpOptions(
            port: try arguments.integer("port", in: 0...65_535), host: arguments["host"],
            dataDirectory: arguments["data"],
            progress: { line in asJSON ? terminal.complain(line) : terminal.print(terminal.dim(line)) })
        try await product.up(options) { report in
            asJSON ? terminal.print(Self.json(report).description) : Self.show(report, terminal)
        }
    }

    private static func json(_ report: ReadyReport) -> JSONValue {
        var object = JSONObject()
        object["event"] = "ready"
        object["url"] = .string(report.url)
        object["organization"] = .string(report.organization.slug)
        object["organization_id"] = .string(report.organization.id.description)
        object["token"] = .string(report.token)
        object["dashboard"] = .string(report.dashboard)
        if let database = report.database {
            object["database"] = ["socket": .string(database.socket), "port": .int(Int64(database.port))]
        } else {
            object["database"] = .null
        }
        object["agent_id"] = (report.agent?.id.description).map(JSONValue.string)
        object["conversation_id"] = (report.conversation?.id.description).map(JSONValue.string)
        return .object(object)
    }

    private static func show(_ report: ReadyReport, _ terminal: Terminal) {
        terminal.print()
        terminal.print(terminal.green("Spotter is ready") + " at \(terminal.bold(report.url))")
        terminal.print("  Dashboard: this link signs you in, once and within the hour; later, paste the token")
        terminal.print("    \(report.dashboard)")
        terminal.print("  API, to read and to try   \(report.url)/v1/docs")
        terminal.print("  Token of \(report.organization.name)")
        terminal.print("    \(report.token)")
        if let agent = report.agent, let conversation = report.conversation {
            terminal.print("\nChat with \(agent.settings.name):\n")
            terminal.print(
                """
                curl -sN \(report.url)/v1/conversations/\(conversation.id)/messages \\
                  -H 'Authorization: Bearer \(report.token)' \\
                  -H 'Content-Type: application/json' \\
                  -d '{"content":"Which classes are on tomorrow?"}'
                """)
            let name = agent.settings.name
            terminal.print("\nOr here: spotter chat --organization \(report.organization.slug) --agent \"\(name)\"")
        }
        terminal.print(terminal.dim("\nCtrl-C stops everything that was started."))
    }
}
