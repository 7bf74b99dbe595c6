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

private func show(_ organizations: [Organization], _ arguments: Arguments, _ terminal: Terminal) throws {
    if arguments.has("json") {
        terminal.print(String(decoding: try JSONWriter.encode(organizations), as: UTF8.self))
        return
    }
    let rows = organizations.map { [$0.slug, $0.name, $0.plan.rawValue, $0.timezone, $0.currency, $0.id.description] }
    terminal.table(["Slug", "Name", "Plan", "Time zone", "Currency", "Id"], rows)
}
