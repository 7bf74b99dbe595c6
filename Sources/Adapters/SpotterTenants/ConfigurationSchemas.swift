public import SpotterDomain

/// The JSON Schemas of the files that people edit, by name, so that editors complete and check them.
public enum ConfigurationSchemas {
    private static let catalogue: [(name: String, title: String, about: String, schema: @Sendable () -> JSONSchema)] = [
        (
            "tenant", "A tenant of Spotter", "One organisation: a file of `tenants/*.yaml`.",
            { .derived(from: TenantDefinition.self) }
        ),
        (
            "agent", "An agent template of Spotter",
            "The front matter of `templates/agents/*.md`; the body is the system prompt.",
            { .derived(from: AgentFrontMatter.self) }
        ),
        (
            "message", "A message template of Spotter",
            "The front matter of `templates/messages/*.md`; the body is the message, in Markdown.",
            { .derived(from: MessageFrontMatter.self) }
        ),
        (
            "workflow", "A workflow of Spotter",
            "A file of `templates/workflows/*.yaml`, or the body of `POST /v1/workflows`.",
            { WorkflowTemplateDocument.editorSchema }
        ),
        (
            "session", "A session template of Spotter", "A file of `templates/sessions/*.yaml`.",
            { .derived(from: SessionTemplateDocument.self) }
        ),
        (
            "pricing", "What models cost", "The file `templates/pricing.yaml`.",
            { .derived(from: PricingDocument.self) }
        ),
    ]

    /// The names that `schema(named:)` knows.
    public static var names: [String] { catalogue.map(\.name) }

    /// The schema as JSON Schema 2020-12.
    ///
    /// - Throws: `SpotterError` with code `.notFound` that lists the names.
    public static func schema(named name: String) throws -> JSONValue {
        guard let entry = catalogue.first(where: { $0.name == name }) else {
            let hint = DidYouMean.hint(for: name, among: names)
            throw SpotterError(
                .notFound, "There is no schema of that name; there are \(names.joined(separator: ", "))\(hint)")
        }
        var document = JSONObject()
        document["$schema"] = "https://json-schema.org/draft/2020-12/schema"
        document["title"] = .string(entry.title)
        document["description"] = .string(entry.about)
        for (key, value) in entry.schema().json.object ?? JSONObject() where document[key] == nil {
            document[key] = value
        }
        return .object(document)
    }
}
