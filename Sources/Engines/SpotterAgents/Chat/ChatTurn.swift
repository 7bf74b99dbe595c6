import Foundation
public import SpotterDomain

/// What somebody wants of an agent in a conversation.
public struct ChatTurn: Sendable {
    enum Wish: Sendable {
        case say(String)
        case answerAnew(MessageID)
    }

    let conversation: ConversationID
    let wish: Wish
    let isStreaming: Bool
    /// Who asks.
    let origin: ExecutionOrigin?
    private let key: Key?

    /// The idempotency key of the request.
    public struct Key: Sendable {
        let key: String
        let fingerprint: [UInt8]

        /// The key and the request's fingerprint.
        public init(key: String, fingerprint: [UInt8]) {
            self.key = key
            self.fingerprint = fingerprint
        }
    }

    /// Says something; `receipt` only for requests with an idempotency key, `origin` where it is known who asks.
    public init(
        conversation: ConversationID, content: String, isStreaming: Bool, receipt: Key? = nil,
        origin: ExecutionOrigin? = nil
    ) {
        self.origin = origin
        self.conversation = conversation
        wish = .say(content)
        self.isStreaming = isStreaming
        key = receipt
    }

    /// Wants the last answer given anew: a turn of its own, which counts and costs like any other. Its calls of tools
    /// have effect keys of their own, so that effects happen again where the agent wants them again.
    public init(
        conversation: ConversationID, answeringAnew answer: MessageID, isStreaming: Bool, receipt: Key? = nil,
        origin: ExecutionOrigin? = nil
    ) {
        self.origin = origin
        self.conversation = conversation
        wish = .answerAnew(answer)
        self.isStreaming = isStreaming
        key = receipt
    }

    func receipt(for execution: ExecutionID, at now: Date) -> Receipt? {
        key.map { Receipt(key: $0.key, fingerprint: $0.fingerprint, execution: execution, createdAt: now) }
    }
}
