public import SpotterDomain

/// What the offline model says: a pure function of the request.
///
/// A question is matched to a tool (`ToolMatcher`), the tool's arguments are taken from the user's words
/// (`ArgumentFiller`), and the tool's result is put into plain words (`ResultNarrator`). One tool call a question. Where
/// an object of some form is wanted, it is filled from the user's words (`StructuredAnswer`).
public struct OfflineModel: Sendable {
    /// Added to every answer.
    static let signature = "(Spotter's offline model)"
    /// Stands in every question for missing arguments; found again, it says what the user's next words answer.
    static let asking = "I still need"

    /// Nothing to set up.
    public init() {}

    /// The whole answer: a text, or one tool call.
    public func answer(_ wanted: ModelRequest) -> ModelResponse {
        if let schema = wanted.responseSchema?.schema, let said = wanted.messages.last(where: { $0.role == .user }),
            let json = StructuredAnswer(about: said.saidText).json(of: schema)
        {
            // As it is: a signature would make it something else than JSON.
            return respond([.text(json)], .endTurn, to: wanted)
        }
        let request = Self.plain(wanted)
        guard let last = request.messages.last else { return respond("Ask me something.", to: request) }
        switch last.role {
        case .tool: return respond(ResultNarrator().answer(to: last.toolResults), to: request)
        case .assistant: return respond("What else can I do?", to: request)
        case .user: return answer(Conversation(request), to: request)
        }
    }

    /// What an agent on its own is asked, without what only a model that reasons can use: tools that act on the run, and
    /// the notes that say where it stands.
    private static func plain(_ request: ModelRequest) -> ModelRequest {
        let known = request.tools.filter { ProgramTool(rawValue: $0.name) == nil }
        guard known.count < request.tools.count else { return request }
        var request = request
        request.tools = known
        if let last = request.messages.last, last.role == .user {
            if request.messages.dropLast().last?.role == .tool {
                request.messages.removeLast()
            } else if last.parts.count > 1 {
                request.messages[request.messages.count - 1].parts.removeLast()
            }
        }
        return request
    }

    private func answer(_ conversation: Conversation, to request: ModelRequest) -> ModelResponse {
        let talk = SmallTalk(tools: request.tools)
        if let reply = talk.reply(to: conversation.question) { return respond(reply, to: request) }
        let matcher = ToolMatcher(request.tools)
        guard let choice = conversation.tool(by: matcher) else {
            return respond(talk.nothingFits(conversation.question), to: request)
        }
        let filler = ArgumentFiller(choice.tool, vocabulary: matcher.vocabulary, conversation: conversation)
        let filled = filler.fill(from: choice.utterances)
        guard filled.missing.isEmpty else {
            return respond(Self.ask(for: filled.missing, of: choice.tool), to: request)
        }
        // The position in the conversation makes the id unique, and the same when the call is repeated.
        let call = ToolCall(
            id: "offline_\(request.messages.count)_1", name: choice.tool.name, arguments: .object(filled.arguments))
        return respond([.toolCall(call)], .toolUse, to: request)
    }

    private static func ask(for missing: [JSONSchema.Property], of tool: ToolDescription) -> String {
        let list = missing.map { property in
            let meaning = property.schema.description.map { ": \($0)" } ?? ""
            let values = property.schema.values.isEmpty ? "" : " (\(property.schema.values.joined(separator: ", ")))"
            return "- \(humanized(property.name))\(meaning)\(values)"
        }
        return "To \(humanized(tool.name)) \(asking):\n" + list.joined(separator: "\n")
    }

    // MARK: The response

    private func respond(_ text: String, to request: ModelRequest) -> ModelResponse {
        let whole = "\(text)\n\n\(Self.signature)"
        // A token is taken for four characters, here as in the usage.
        let most = max(1, request.maxOutputTokens).multipliedReportingOverflow(by: 4)
        guard !most.overflow, whole.count > most.partialValue else {
            return respond([.text(whole)], .endTurn, to: request)
        }
        return respond([.text(String(whole.prefix(most.partialValue)))], .maxTokens, to: request)
    }

    private func respond(
        _ parts: [ModelPart], _ reason: ModelResponse.StopReason, to request: ModelRequest
    ) -> ModelResponse {
        let usage = OfflineUsage.estimate(request, answer: parts)
        let raw: JSONValue = [
            "input_tokens": .int(Int64(usage.inputTokens)), "output_tokens": .int(Int64(usage.outputTokens)),
            "is_estimate": true,
        ]
        return ModelResponse(
            message: ModelMessage(role: .assistant, parts: parts), stopReason: reason, usage: usage, rawUsage: raw,
            model: OfflineProvider.name, provider: OfflineProvider.name)
    }
}

/// Counts tokens as nobody bills them: four characters each.
enum OfflineUsage {
    static func estimate(_ request: ModelRequest, answer: [ModelPart]) -> TokenUsage {
        let tools = request.tools.reduce(0) { $0 + $1.json(for: .openai).bytes.count }
        let messages = request.messages.reduce(0) { $0 + size(of: $1.parts) }
        return TokenUsage(
            inputTokens: tokens(request.system.utf8.count + tools + messages), outputTokens: tokens(size(of: answer)),
            modelCalls: 1)
    }

    private static func tokens(_ size: Int) -> Int { (size + 3) / 4 }

    private static func size(of parts: [ModelPart]) -> Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .text(let text), .thinking(let text, _, _), .redactedThinking(let text, _): sum + text.utf8.count
            case .toolCall(let call): sum + call.name.utf8.count + call.arguments.bytes.count
            case .toolResult(let result): sum + result.text.utf8.count
            }
        }
    }
}
