import SpotterDomain

/// `spotter templates seed`
struct TemplatesSeedCommand: Command {
    let path = ["templates", "seed"]
    let summary = "Seed an organisation's agents from templates"
    let example = "spotter templates seed --organization iron-temple --update --dry-run"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose agents."),
        .option("packs", "A,B", "Which packs; the organisation's own unless given."),
        .flag("skip-existing", "Leave agents alone that are there already (the default)."),
        .flag("update", "Bring agents up to date with their templates, except those people edited."),
        .flag("dry-run", "Say what would be done, and do nothing."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        guard !(arguments.has("update") && arguments.has("skip-existing")) else {
            throw UsageError("--update and --skip-existing exclude each other")
        }
        let packs = arguments["packs"]?.split(separator: ",").map(String.init)
        let outcomes = try await product.seed(
            organization: arguments.required("organization"), packs: packs,
            mode: arguments.has("update") ? .update : .skipExisting, isDryRun: arguments.has("dry-run"))
        if arguments.has("json") {
            terminal.print(String(decoding: try JSONWriter.encode(outcomes), as: UTF8.self))
            return
        }
        terminal.table(
            ["Template", "Agent", arguments.has("dry-run") ? "Would be" : "Outcome"],
            outcomes.map { [$0.template, $0.name, $0.action.rawValue] })
    }
}
