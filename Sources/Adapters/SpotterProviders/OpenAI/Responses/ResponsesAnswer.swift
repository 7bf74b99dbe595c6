import SpotterDomain

/// An answer as far as it is known: items by their place, and the counts.
struct ResponsesAnswer: Sendable {
    private struct Item: Sendable {
        enum Kind: String, Sendable {
            case message, reasoning
            case functionCall = "function_call"
        }

        /// `nil` for a kind that was not asked for.
        var kind: Kind?
        var text = ""
        var refusal = ""
        var id = ""
        var name = ""
        var arguments = ""
        /// A reasoning item as it came.
        var reasoning: JSONValue = .null
    }

    /// No answer has more; a place beyond it is a server gone wrong.
    private static let mostItems = 1024

    private var model = ""
    private var id: String?
    private var items: [Int: Item] = [:]
    private var status: String?
    private var incompleteReason = ""
    private(set) var rawUsage: JSONValue?

    /// Takes what stands beside the items: the model, and the counts once they come. They are totals: the last wins.
    mutating func begin(_ response: JSONValue) {
        if let name = response["model"]?.string, !name.isEmpty { model = name }
        if let name = response["id"]?.string, !name.isEmpty { id = name }
        if let usage = response["usage"], usage.object != nil { rawUsage = usage }
    }

    /// Opens an item and returns what a reader sees of it.
    mutating func open(_ place: Int, _ item: JSONValue) -> [ModelDelta] {
        guard (0..<Self.mostItems).contains(place) else { return [] }
        let read = Self.read(item, at: place)
        items[place] = read
        guard read.kind == .functionCall, !read.name.isEmpty else { return [] }
        return [.toolCallStarted(id: read.id, name: read.name)]
    }

    /// Takes an item as it is in the end, and returns what of it the reader has not yet seen.
    mutating func close(_ place: Int, _ item: JSONValue) -> [ModelDelta] {
        guard let before = items[place] else {
            let started = open(place, item)
            let text = items[place].map { $0.text + $0.refusal } ?? ""
            return text.isEmpty ? started : started + [.text(text)]
        }
        let read = Self.read(item, at: place)
        guard read.kind == before.kind else { return [] }
        items[place] = read
        let (seen, whole) = (before.text + before.refusal, read.text + read.refusal)
        guard whole.hasPrefix(seen), whole.utf8.count > seen.utf8.count else { return [] }
        return [.text(String(whole.dropFirst(seen.count)))]
    }

    mutating func say(_ place: Int, _ text: String) -> [ModelDelta] {
        guard !text.isEmpty, items[place]?.kind == .message else { return [] }
        items[place]?.text += text
        return [.text(text)]
    }

    mutating func refuse(_ place: Int, _ text: String) -> [ModelDelta] {
        guard !text.isEmpty, items[place]?.kind == .message else { return [] }
        items[place]?.refusal += text
        return [.text(text)]
    }

    mutating func extendArguments(_ place: Int, _ text: String) {
        if items[place]?.kind == .functionCall { items[place]?.arguments += text }
    }

    /// Takes the whole answer, as it stands at the end of a stream or in one piece.
    ///
    /// - Throws: what the answer says went wrong, with what was counted.
    mutating func end(_ response: JSONValue) throws(ModelError) {
        begin(response)
        let output = response["output"]?.array ?? []
        if !output.isEmpty {
            items = [:]
            for (place, item) in output.prefix(Self.mostItems).enumerated() {
                items[place] = Self.read(item, at: place)
            }
        }
        status = response["status"]?.string ?? "completed"
        incompleteReason = response["incomplete_details"]?["reason"]?.string ?? ""
        guard status == "failed" || status == "cancelled" else { return }
        let failure = ResponsesWire.failure(response)
        throw ModelError(
            failure.flatMap { ProviderStatus.refined($0) } ?? .serverError, provider: ResponsesWire.provider,
            message: failure?.message ?? "the answer \(status ?? "failed") without a reason", status: 200, usage: usage,
            rawUsage: rawUsage)
    }

    private static func read(_ json: JSONValue, at place: Int) -> Item {
        var item = Item(kind: json["type"]?.string.flatMap { Item.Kind(rawValue: $0) })
        switch item.kind {
        case .message:
            for part in json["content"]?.array ?? [] {
                item.text += part["text"]?.string ?? ""
                item.refusal += part["refusal"]?.string ?? ""
            }
        case .reasoning: item.reasoning = json
        case .functionCall:
            item.id = json["call_id"]?.string ?? ""
            if item.id.isEmpty { item.id = "call_\(place)" }
            item.name = json["name"]?.string ?? ""
            item.arguments = json["arguments"]?.string ?? ""
        case nil: break
        }
        return item
    }

    /// `input_tokens` includes what the cache read, `output_tokens` the reasoning.
    var usage: TokenUsage? {
        rawUsage.map { Self.usage(in: $0) }
    }

    static func usage(in raw: JSONValue) -> TokenUsage {
        let totals = WireUsage(raw)
        let prompt = totals.inner("input_tokens_details")
        return WireUsage.normalized(
            input: totals["input_tokens"], output: totals["output_tokens"], cacheRead: prompt["cached_tokens"],
            cacheWrite: prompt["cache_write_tokens"],
            reasoning: totals.inner("output_tokens_details")["reasoning_tokens"])
    }

    /// The whole answer.
    ///
    /// - Throws: `interrupted` before the provider said how it ended.
    func response() throws(ModelError) -> ModelResponse {
        guard let status, status == "completed" || status == "incomplete" else {
            throw ModelError(
                .interrupted, provider: ResponsesWire.provider, message: "the answer broke off", usage: usage,
                rawUsage: rawUsage)
        }
        let message = ModelMessage(role: .assistant, parts: parts())
        return ModelResponse(
            message: message, stopReason: stopReason(status, hasCalls: !message.toolCalls.isEmpty),
            usage: usage ?? TokenUsage(modelCalls: 1), rawUsage: rawUsage ?? .null, model: model,
            provider: ResponsesWire.provider, responseId: id,
            finishReason: incompleteReason.isEmpty ? status : incompleteReason)
    }

    private func parts() -> [ModelPart] {
        let ordered = items.sorted { $0.key < $1.key }.map(\.value)
        var calls = ToolPairing.unique(ordered.compactMap { Self.call($0) })[...]
        return ordered.compactMap { item in
            switch item.kind {
            case .message: (item.text + item.refusal).isEmpty ? nil : .text(item.text + item.refusal)
            case .reasoning:
                .thinking(
                    ReasoningItem.text(of: item.reasoning), signature: ReasoningItem(item.reasoning)?.signature,
                    provider: ResponsesWire.provider)
            case .functionCall: calls.popFirst().map { .toolCall($0) }
            case nil: nil
            }
        }
    }

    private static func call(_ item: Item) -> ToolCall? {
        guard item.kind == .functionCall else { return nil }
        let (arguments, invalid) = WireJSON.arguments(item.arguments)
        return ToolCall(id: item.id, name: item.name, arguments: arguments, invalidArguments: invalid)
    }

    /// A reason that is unknown counts as the end of the turn.
    private func stopReason(_ status: String, hasCalls: Bool) -> ModelResponse.StopReason {
        switch (status, incompleteReason) {
        case ("incomplete", "max_output_tokens"): .maxTokens
        case ("incomplete", "content_filter"): .contentFilter
        default: hasCalls ? .toolUse : items.values.contains { !$0.refusal.isEmpty } ? .refusal : .endTurn
        }
    }
}
