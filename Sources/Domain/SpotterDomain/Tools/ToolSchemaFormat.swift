/// The forms in which providers want to be told of a tool.
public enum ToolSchemaFormat: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    /// `{type: "function", function: {name, description, parameters}}`, as in OpenAI's Chat Completions.
    case openai
    /// `{name, description, input_schema}`, as in Anthropic's Messages.
    case anthropic
}

extension ToolDescription {
    /// The tool in a provider's form. The same description always gives the same bytes, so that prompt caches hit.
    public func json(for format: ToolSchemaFormat) -> JSONValue {
        switch format {
        case .openai:
            [
                "type": "function",
                "function": [
                    "name": .string(name), "description": .string(summary), "parameters": parameters.json,
                ],
            ]
        case .anthropic:
            ["name": .string(name), "description": .string(summary), "input_schema": parameters.json]
        }
    }
}
