import SpotterDomain

/// Brings a history into the one form that every provider accepts: after each assistant's message with tool calls one
/// tool message that answers exactly those calls, and nowhere else a result.
///
/// A call whose answer is missing (the turn was interrupted) is answered with an error; an answer without a call, and a
/// second answer to the same call, are left out.
enum ToolPairing {
    static func normalized(_ messages: [ModelMessage]) -> [ModelMessage] {
        var result: [ModelMessage] = []
        var open: [ToolCall] = []
        for message in messages {
            switch message.role {
            case .tool:
                let answers = answers(to: open, from: message.toolResults)
                if !answers.isEmpty { result.append(ModelMessage(role: .tool, parts: answers)) }
                open = []
            case .user, .assistant:
                let late = answers(to: open, from: [])
                if !late.isEmpty { result.append(ModelMessage(role: .tool, parts: late)) }
                result.append(message)
                open = message.role == .assistant ? message.toolCalls : []
            }
        }
        let late = answers(to: open, from: [])
        if !late.isEmpty { result.append(ModelMessage(role: .tool, parts: late)) }
        return result
    }

    private static func answers(to calls: [ToolCall], from results: [ToolResult]) -> [ModelPart] {
        calls.map { call in
            .toolResult(results.first { $0.callId == call.id } ?? missing(call))
        }
    }

    private static func missing(_ call: ToolCall) -> ToolResult {
        ToolResult(
            callId: call.id, name: call.name, output: "There is no result: the call was interrupted.", isError: true,
            durationMs: 0)
    }

    /// Tool calls with an identifier each, none twice: a second one of the same gets a number, an empty one a name.
    static func unique(_ calls: [ToolCall]) -> [ToolCall] {
        var seen: Set<String> = []
        return calls.enumerated().map { index, call in
            var id = call.id.isEmpty ? "call_\(index)" : call.id
            var number = 2
            while !seen.insert(id).inserted {
                id = "\(call.id.isEmpty ? "call_\(index)" : call.id)_\(number)"
                number += 1
            }
            return ToolCall(
                id: id, name: call.name, arguments: call.arguments, invalidArguments: call.invalidArguments)
        }
    }
}
