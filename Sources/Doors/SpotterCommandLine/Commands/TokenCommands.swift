import SpotterDomain

/// `spotter token issue`
struct TokenIssueCommand: Command {
    let path = ["token", "issue"]
    let summary = "Issue a token"
    let example = "spotter token issue --organization iron-temple --name CRM --role staff --days 90"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "Whose token."), .option("name", "NAME", "What it is for."),
        .option("role", "ROLE", "\(Role.allCases.map(\.rawValue).joined(separator: ", ")). Default owner."),
        .option("subject", "WHO", "Who will use it; the name unless given."),
        .option("scopes", "A,B", "All of the role's unless given."),
        .option("days", "DAYS", "How long it is good for, 1 to 732. Default 365."),
        .option("requests-per-minute", "N", "How often it may be used; as the organisation says unless given."),
        .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let roleName = arguments["role"] ?? "owner"
        guard let role = Role(rawValue: roleName) else {
            throw UsageError(
                "there is no role \(roleName)\(DidYouMean.hint(for: roleName, among: Role.allCases.map(\.rawValue)))")
        }
        let scopes = try arguments["scopes"]?.split(separator: ",").map { name in
            guard let scope = Permission(rawValue: String(name)) else {
                let hint = DidYouMean.hint(for: String(name), among: Permission.allCases.map(\.rawValue))
                throw UsageError("there is no scope \(name)\(hint)")
            }
            return scope
        }
        let name = arguments["name"] ?? "Command line"
        let days = try arguments.integer("days", in: 1...732) ?? 365
        let order = TokenIssuer.Order(
            name: name, subject: arguments["subject"] ?? name, role: role, permissions: scopes,
            lifetime: Double(days) * 86_400,
            requestsPerMinute: try arguments.integer("requests-per-minute", in: 1...1_000_000_000))
        let (record, text) = try await product.issueToken(order, organization: arguments.required("organization"))
        guard arguments.has("json") else {
            terminal.print(text)
            return
        }
        let body: JSONValue = [
            "id": .string(record.id.description), "token": .string(text),
            "expires_at": .string(Timestamp.string(from: record.expiresAt)),
        ]
        terminal.print(body.description)
    }
}

/// `spotter token inspect`
struct TokenInspectCommand: Command {
    let path = ["token", "inspect"]
    let summary = "Say what a token is and whether it is good; reads it from standard input with -"
    let operands = "TOKEN"
    let example = "spotter token inspect spotter_live_…"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let word = arguments.words.first, let text = word == "-" ? terminal.read() : word else {
            throw UsageError("a token is needed")
        }
        let inspection = try await product.inspectToken(text)
        if arguments.has("json") {
            var object = JSONObject()
            object["valid"] = .bool(inspection.problem == nil)
            object["problem"] = inspection.problem.map(JSONValue.string)
            object["token"] = try inspection.record.map { try JSONValue(encoding: $0) }
            terminal.print(JSONValue.object(object).description)
        } else if let record = inspection.record {
            terminal.print("Id            \(record.id)")
            terminal.print("Organisation  \(record.organization)")
            terminal.print("Name          \(record.name)")
            terminal.print("Role          \(record.role.rawValue)")
            terminal.print("Scopes        \(record.permissions.map(\.rawValue).joined(separator: " "))")
            terminal.print("Expires       \(Timestamp.string(from: record.expiresAt))")
        }
        if let problem = inspection.problem { throw SpotterError(.unauthenticated, problem) }
        if !arguments.has("json") { terminal.print(terminal.green("This token is good.")) }
    }
}

/// `spotter token list`
struct TokenListCommand: Command {
    let path = ["token", "list"]
    let summary = "List an organisation's tokens"
    let example = "spotter token list --organization iron-temple"
    let options: [OptionSpec] = [.option("organization", "SLUG", "Whose tokens."), .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let tokens = try await product.tokens(organization: arguments.required("organization"))
        if arguments.has("json") {
            terminal.print(String(decoding: try JSONWriter.encode(tokens), as: UTF8.self))
            return
        }
        let rows = tokens.map { token in
            [
                token.id.description, token.name, token.role.rawValue, Timestamp.string(from: token.expiresAt),
                token.revokedAt == nil ? "" : "revoked",
            ]
        }
        terminal.table(["Id", "Name", "Role", "Expires", "State"], rows)
    }
}

/// `spotter token revoke`
struct TokenRevokeCommand: Command {
    let path = ["token", "revoke"]
    let summary = "Revoke a token: every server refuses it within five seconds"
    let operands = "ID"
    let example = "spotter token revoke tok_01hzy… --organization iron-temple"
    let options: [OptionSpec] = [.option("organization", "SLUG", "Whose token.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let word = arguments.words.first, let id = TokenID(word) else {
            throw UsageError("the id of a token is needed; spotter token list shows them")
        }
        try await product.revokeToken(id, organization: arguments.required("organization"))
        terminal.print("Revoked.")
    }
}

/// `spotter token rotate-key`
struct TokenRotateCommand: Command {
    let path = ["token", "rotate-key"]
    let summary = "Sign new tokens with a new key; those of the old one stay good. Servers heed it after SIGHUP"
    let example = "spotter token rotate-key"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        terminal.print("New signing key: \(try await product.rotateSigningKey())")
    }
}
