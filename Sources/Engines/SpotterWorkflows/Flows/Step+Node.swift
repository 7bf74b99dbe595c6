import SpotterDomain

extension Step {
    /// What came of the node that the step belongs to, as expressions see it; nil while it has not ended well.
    var nodeOutput: JSONValue? {
        guard state == .completed else { return nil }
        switch kind {
        case .child: return childOutput
        case .tool: return toolResult?.output ?? .null
        case .input: return ["answer": output ?? .null]
        case .timer: return .object(JSONObject())
        case .approval, .node, .model, .compaction: return output ?? .null
        }
    }

    /// The error of a step that has completed all the same: a tool's that answered with one, or a refusal's.
    var nodeError: ExecutionError? {
        guard kind == .tool, state == .completed else { return nil }
        guard let result = toolResult else {
            return ExecutionError(code: "journal_unreadable", message: "The result of \(name) cannot be read.")
        }
        guard result.isError else { return nil }
        let message = result.output["message"]?.string ?? result.output["error"]?.string ?? result.output.string
        return ExecutionError(
            code: result.output["code"]?.string ?? "tool_failed", message: message ?? result.output.description)
    }

    private var toolResult: ToolResult? { try? output?.decodedUnchecked(as: ToolResult.self) }

    /// Of a call what the agent answered; of anything else what the execution came to.
    private var childOutput: JSONValue {
        let whole = output?["output"] ?? .null
        return whole["data"] ?? whole
    }
}
