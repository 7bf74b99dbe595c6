import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose secrets.")
private let jsonOption = OptionSpec.flag("json", "Print JSON.")

/// `spotter secrets set`
struct SecretsSetCommand: Command {
    let path = ["secrets", "set"]
    let summary =
        "Keep an organisation's key for a provider or token for a connector, sealed; read from standard input, no argument"
    let operands = "PROVIDER|connector:NAME"
    let example = "spotter secrets set openai --organization iron-temple < key.txt"
    let options: [OptionSpec] = [
        organizationOption,
        .option("from", "REFERENCE", "env:NAME or file:PATH in the place of standard input."), jsonOption,
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let provider = try provider(arguments, product)
        let organization = try arguments.required("organization")
        let secret = try await product.setSecret(
            try source(arguments, provider, terminal), provider: provider, organization: organization)
        guard !arguments.has("json") else { return terminal.print(json(of: secret).description) }
        let hint = secret.hint.map { " (ends with \($0))" } ?? ""
        terminal.print("\(secret.name)\(hint) is kept. Servers use it within five seconds.")
    }

    private func source(_ arguments: Arguments, _ provider: String, _ terminal: Terminal) throws -> SecretSource {
        if let text = arguments["from"] {
            // What is not a reference may be the key itself, and is not repeated.
            guard let reference = SecretReference(text) else {
                throw UsageError("--from must be env:NAME or file:PATH")
            }
            return .reference(reference)
        }
        guard let text = terminal.readHidden("Key for \(provider) (not shown): ") else {
            throw UsageError("a key is needed on standard input, or --from env:NAME or file:PATH")
        }
        return .value(try SecretValue(text))
    }
}

/// `spotter secrets list`
struct SecretsListCommand: Command {
    let path = ["secrets", "list"]
    let summary = "List the names of an organisation's secrets, and which keys they are sealed with"
    let example = "spotter secrets list --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, jsonOption]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let secrets = try await product.secrets(organization: arguments.required("organization"))
        if arguments.has("json") {
            terminal.print(JSONValue.array(secrets.map(json(of:))).description)
        } else if secrets.isEmpty {
            terminal.print("No secret is kept. Keys come from the tenant file and the environment.")
        } else {
            terminal.table(
                ["NAME", "ENDS WITH", "VERSION", "SINCE", "SEALED WITH"],
                secrets.map { secret in
                    [
                        "\(secret.name)", secret.hint ?? "", "\(secret.version)",
                        Timestamp.string(from: secret.updatedAt), secret.sealed.keyID,
                    ]
                })
        }
    }
}

/// `spotter secrets delete`
struct SecretsDeleteCommand: Command {
    let path = ["secrets", "delete"]
    let summary = "Forget an organisation's key for a provider; the tenant file or the environment is used again"
    let operands = "PROVIDER"
    let example = "spotter secrets delete openai --organization iron-temple"
    let options: [OptionSpec] = [organizationOption]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let provider = try provider(arguments, product)
        try await product.deleteSecret(provider: provider, organization: arguments.required("organization"))
        terminal.print("Deleted. Servers heed it within five seconds.")
    }
}

/// `spotter secrets rotate`
struct SecretsRotateCommand: Command {
    let path = ["secrets", "rotate"]
    let summary = "Make a new sealing key and seal every organisation's secrets anew; may be broken off and repeated"
    let example = "spotter secrets rotate --drop-old"
    let options: [OptionSpec] = [
        .flag("resume", "Make no new key: seal everything with the one that seals now."),
        .flag("drop-old", "Take keys out of the ring that nothing is sealed with any more."), jsonOption,
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let isJSON = arguments.has("json")
        let report = try await product.rotateSecrets(
            SecretRotationOptions(resumes: arguments.has("resume"), dropsOld: arguments.has("drop-old")) { done, all in
                if !isJSON, done % 1_000 == 0 { terminal.complain("\(done) of \(all) organisations") }
            })
        if isJSON { terminal.print(json(of: report).description) } else { show(report, terminal) }
        guard report.problems.isEmpty else {
            throw SpotterError(.conflict, "\(report.problems.count) could not be sealed anew.")
        }
    }

    private func show(_ report: SecretRotationReport, _ terminal: Terminal) {
        terminal.print("\(report.keyID) seals from now on.")
        terminal.print(
            "\(report.resealed) secrets of \(report.organizations) organisations were sealed anew; "
                + "\(report.current) were already.")
        for problem in report.problems {
            let name = problem.name.map { " \($0)" } ?? ""
            terminal.complain("\(problem.organization)\(name): \(problem.reason)")
        }
        for id in report.dropped { terminal.print("\(id) is not in the ring any more.") }
        for id in report.needed { terminal.print("\(id) is still needed.") }
    }

    private func json(of report: SecretRotationReport) -> JSONValue {
        let problems = report.problems.map { problem -> JSONValue in
            var object = JSONObject()
            object["organization_id"] = .string("\(problem.organization)")
            object["name"] = problem.name.map { .string("\($0)") }
            object["reason"] = .string(problem.reason)
            return .object(object)
        }
        return [
            "key_id": .string(report.keyID), "organizations": .int(Int64(report.organizations)),
            "resealed": .int(Int64(report.resealed)), "current": .int(Int64(report.current)),
            "problems": .array(problems), "dropped": .array(report.dropped.map { .string($0) }),
            "needed": .array(report.needed.map { .string($0) }),
        ]
    }
}

/// `spotter secrets new-key`
struct SecretsNewKeyCommand: Command {
    let path = ["secrets", "new-key"]
    let summary = "Print a new sealing key, for a ring in an environment variable; it is a secret"
    let example = "spotter secrets new-key"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        terminal.print(try product.newSealingKey())
    }
}

extension Command {
    /// The provider that is named. What is not one may be a key that was typed in its place: it is not repeated.
    fileprivate func provider(_ arguments: Arguments, _ product: any Product) throws -> String {
        guard arguments.words.count <= 1 else {
            throw UsageError("only a provider is expected; a key is read from standard input or --from")
        }
        let known = product.secretProviders
        let word = arguments.words.first ?? ""
        if word.hasPrefix("connector:") {
            guard SecretName(word) != nil else {
                throw UsageError("connector: is followed by the connector's name, as in the tenant file")
            }
            return word
        }
        let name = word.hasPrefix("provider:") ? String(word.dropFirst("provider:".count)) : word
        guard known.contains(name) else {
            let hint = DidYouMean.hint(for: name, among: known)
            throw UsageError("a provider is needed, one of \(known.joined(separator: ", "))\(hint), or connector:NAME")
        }
        return name
    }

    fileprivate func json(of secret: SealedSecret) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string("\(secret.name)")
        object["hint"] = secret.hint.map { .string($0) }
        object["version"] = .int(Int64(secret.version))
        object["key_id"] = .string(secret.sealed.keyID)
        object["created_at"] = .string(Timestamp.string(from: secret.createdAt))
        object["updated_at"] = .string(Timestamp.string(from: secret.updatedAt))
        return .object(object)
    }
}
