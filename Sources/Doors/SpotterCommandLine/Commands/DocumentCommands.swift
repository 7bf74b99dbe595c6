import SpotterDomain

/// `spotter openapi`
struct OpenAPICommand: Command {
    let path = ["openapi"]
    let summary = "Print the API document (OpenAPI 3.1)"
    let example = "spotter openapi > openapi.json"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        terminal.print(try product.openAPIDocument().description)
    }
}

/// `spotter schema`
struct SchemaCommand: Command {
    let path = ["schema"]
    let summary = "Print the JSON Schema of a kind of file, for editors"
    let operands = "NAME"
    let example = "spotter schema tenant > tenant.schema.json"

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        guard let name = arguments.words.first else {
            throw UsageError("a name is needed: \(product.schemaNames.joined(separator: ", "))")
        }
        terminal.print(try product.schema(named: name).description)
    }
}

/// `spotter version`
struct VersionCommand: Command {
    let path = ["version"]
    let summary = "Print the version"
    let example = "spotter version --json"
    let options: [OptionSpec] = [.flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let json: JSONValue = ["version": .string(product.version)]
        terminal.print(arguments.has("json") ? json.description : "spotter \(product.version)")
    }
}
