import SpotterDomain

/// `spotter tenants validate`
struct TenantsValidateCommand: Command {
    let path = ["tenants", "validate"]
    let summary = "Check the tenant files without applying them"
    let operands = "[DIR]"
    let example = "spotter tenants validate tenants"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let (files, problems) = try await product.validateTenants(directory: arguments.words.first)
        if arguments.has("json") {
            let body: JSONValue = [
                "files": .int(Int64(files)), "problems": .array(problems.map(JSONValue.string)),
            ]
            terminal.print(body.description)
        } else if problems.isEmpty {
            terminal.print("\(files) files, all well.")
        }
        guard problems.isEmpty else { throw SpotterError(.invalid, problems.joined(separator: "\n       ")) }
    }
}

/// `spotter tenants apply`
struct TenantsApplyCommand: Command {
    let path = ["tenants", "apply"]
    let summary = "Create or update the organisations of the tenant files, all of them or none"
    let operands = "[DIR]"
    let example = "spotter tenants apply tenants"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let organizations = try await product.applyTenants(directory: arguments.words.first)
        try show(organizations, arguments, terminal)
    }
}

/// `spotter tenants list`
struct TenantsListCommand: Command {
    let path = ["tenants", "list"]
    let summary = "List the organisations"
    let example = "spotter tenants list --json"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        try show(try await product.organizations(), arguments, terminal)
    }
}

/// `spotter tenants offboard`
struct TenantsOffboardCommand: Command {
    let path = ["tenants", "offboard"]
    let summary = "Give out everything that an organisation has, and delete it from the database"
    let operands = "SLUG"
    let example = "spotter tenants offboard iron-temple --out iron-temple-archive"
    let options: [OptionSpec] = [
        .option("out", "DIR", "A folder that is made: a file of JSON lines for each table, and manifest.json."),
        .flag("no-archive", "Give nothing out."),
        .option("confirm", "SLUG", "The same slug once more, in place of being asked. It cannot be undone."),
        .flag("dry-run", "Change nothing; say how many rows each table has."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let slug = arguments.words.first else { throw UsageError("the organisation's slug is missing") }
        let (folder, isDryRun) = (arguments["out"], arguments.has("dry-run"))
        guard isDryRun || (folder == nil) == arguments.has("no-archive") else {
            throw UsageError("say where the archive goes with --out, or --no-archive, and not both")
        }
        if !isDryRun { try confirm(slug, arguments, terminal) }
        let findings = try await product.offboard(slug, to: folder, isDryRun: isDryRun)
        if arguments.has("json") {
            terminal.print(String(decoding: try JSONWriter.encode(findings), as: UTF8.self))
            return
        }
        for finding in findings { terminal.print("\(finding.table): \(finding.rows)") }
        let total = findings.reduce(0) { $0 + $1.rows }
        terminal.print(isDryRun ? "\(total) rows would be deleted." : "\(total) rows were deleted.")
        guard !isDryRun else { return }
        if let folder { terminal.print("They are in \(folder).") }
        terminal.print("Backups that were made before still hold them, and so do its providers and its CRM.")
    }

    private func confirm(_ slug: String, _ arguments: Arguments, _ terminal: Terminal) throws {
        let said: String?
        if let given = arguments["confirm"] {
            said = given
        } else {
            guard terminal.isInteractive else {
                throw UsageError("without a terminal to ask at, --confirm \(slug) is needed")
            }
            terminal.write("Delete everything of \(slug)? It cannot be undone. Type its slug: ")
            said = terminal.read()
        }
        guard said == slug else { throw SpotterError(.cancelled, "Nothing was changed: that is not its slug.") }
    }
}

private func show(_ organizations: [Organization], _ arguments: Arguments, _ terminal: Terminal) throws {
    if arguments.has("json") {
        terminal.print(String(decoding: try JSONWriter.encode(organizations), as: UTF8.self))
        return
    }
    let rows = organizations.map { [$0.slug, $0.name, $0.plan.rawValue, $0.timezone, $0.currency, $0.id.description] }
    terminal.table(["Slug", "Name", "Plan", "Time zone", "Currency", "Id"], rows)
}
