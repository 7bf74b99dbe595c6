import SpotterDomain

/// The part of a conversation that a model is shown: the newest messages that fit, never a tool call without its result.
struct ChatHistory {
    /// About 60,000 tokens: what every supported model can read beside prompt, tools and answer.
    static let largestSize = 240_000

    let messages: [ModelMessage]

    /// - Parameter stored: oldest first. Each answer holds its whole turn, so leaving out whole messages keeps calls and
    ///   results together.
    init(_ stored: [Message]) {
        var kept: [Message] = []
        var size = 0
        for message in stored.reversed() {
            size += message.transcript.reduce(0) { $0 + $1.size }
            if size > Self.largestSize, !kept.isEmpty { break }
            kept.append(message)
        }
        kept.reverse()
        // A conversation starts with its user.
        while let first = kept.first, first.role != .user { kept.removeFirst() }
        messages = kept.flatMap(\.transcript)
    }
}

extension ModelMessage {
    fileprivate var size: Int {
        parts.reduce(0) { sum, part in
            switch part {
            case .text(let text), .thinking(let text, _, _), .redactedThinking(let text, _): sum + text.utf8.count
            case .toolCall(let call): sum + call.arguments.description.utf8.count
            case .toolResult(let result): sum + result.text.utf8.count
            }
        }
    }
}
