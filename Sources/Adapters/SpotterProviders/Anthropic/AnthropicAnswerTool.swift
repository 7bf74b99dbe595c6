import SpotterDomain

/// An answer of a given form, asked for as the call of a tool: the model must call it, or first another tool, and what it
/// calls it with is the answer.
enum AnthropicAnswerTool {
    /// The tool's name, which none of the request's own tools has; nil where the form of the answer is free.
    static func name(for request: ModelRequest) -> String? {
        guard request.responseSchema != nil else { return nil }
        let taken = Set(request.tools.map(\.name))
        var name = "final_answer"
        var number = 2
        while taken.contains(name) {
            name = "final_answer_\(number)"
            number += 1
        }
        return name
    }

    /// The tool itself, if there is one.
    static func tools(for request: ModelRequest) -> [JSONValue] {
        guard let name = name(for: request), let schema = request.responseSchema else { return [] }
        let purpose = "Gives the answer. Call this once, at the end, with the whole answer (\(schema.name))."
        return [
            ["name": .string(name), "description": .string(purpose), "input_schema": schema.schema.json]
        ]
    }

    /// Which tools the model must call; nil leaves it free.
    static func choice(for request: ModelRequest) -> JSONValue? {
        guard let name = name(for: request) else { return nil }
        return request.tools.isEmpty ? ["type": "tool", "name": .string(name)] : ["type": "any"]
    }
}
