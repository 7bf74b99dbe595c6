import SpotterDomain

private let personOptions: [OptionSpec] = [
    .option("organization", "SLUG", "Whose member."),
    .option("member", "ID|EMAIL", "The id of a client or a lead, or an e-mail address."),
]

/// `spotter privacy export`
struct PrivacyExportCommand: Command {
    let path = ["privacy", "export"]
    let summary = "Give out everything there is about one member, table by table"
    let example = "spotter privacy export --organization iron-temple --member ana@example.com --out ana"
    let options: [OptionSpec] =
        personOptions + [.option("out", "DIR", "A folder that is made; a file of JSON lines for each table.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let folder = try arguments.required("out")
        let findings = try await product.exportPerson(
            arguments.required("member"), organization: arguments.required("organization"), to: folder)
        for finding in findings { terminal.print("\(finding.table): \(finding.rows)") }
        terminal.print("Everything is in \(folder).")
    }
}

/// `spotter privacy erase`
struct PrivacyEraseCommand: Command {
    let path = ["privacy", "erase"]
    let summary = "Forget one member everywhere; amounts paid stay, without the person"
    let example = "spotter privacy erase --organization iron-temple --member ana@example.com --dry-run"
    let options: [OptionSpec] =
        personOptions + [
            .flag("dry-run", "Change nothing; say what would be."),
            .flag("yes", "Do not ask. It cannot be undone."),
        ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let (member, organization) = (try arguments.required("member"), try arguments.required("organization"))
        let isDryRun = arguments.has("dry-run")
        if !isDryRun, !arguments.has("yes") {
            guard terminal.isInteractive else { throw UsageError("without a terminal to ask at, --yes is needed") }
            terminal.write("Forget \(member) of \(organization) everywhere? It cannot be undone. Type \"erase\": ")
            guard terminal.read() == "erase" else {
                throw SpotterError(.cancelled, "Nothing was changed.")
            }
        }
        let findings = try await product.erasePerson(member, organization: organization, isDryRun: isDryRun)
        for finding in findings { terminal.print("\(finding.table): \(finding.rows)") }
        let total = findings.reduce(0) { $0 + $1.rows }
        terminal.print(
            isDryRun ? "\(total) rows would be changed or removed." : "\(total) rows were changed or removed.")
        guard !isDryRun else { return }
        terminal.print(
            "Backups that were made before still hold them, and so do the gym's model providers and its CRM.")
    }
}
