import SpotterDomain

/// `spotter migrate`: the database's schema.
struct MigrateCommand: Command {
    let path = ["migrate"]
    let summary = "Bring the database's schema up to date"
    let example = "DATABASE_ADMIN_URL=postgres://postgres@db/spotter spotter migrate"
    let options: [OptionSpec] = [
        .flag("status", "Only say what is applied and what is not."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let reports = try await product.migrate(onlyStatus: arguments.has("status"))
        if arguments.has("json") {
            let rows = reports.map { report -> JSONValue in
                [
                    "version": .int(Int64(report.version)), "name": .string(report.name),
                    "applied": .bool(report.isApplied), "new": .bool(report.isNew),
                ]
            }
            terminal.print(JSONValue.array(rows).description)
            return
        }
        terminal.table(
            ["Version", "Name", "State"],
            reports.map { ["\($0.version)", $0.name, $0.isNew ? "applied now" : $0.isApplied ? "applied" : "pending"] })
    }
}
