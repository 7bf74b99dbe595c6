import SpotterDomain

/// What a turn looks back on, and the question that it is to answer.
public struct TurnPast: Sendable {
    /// What somebody said and what was answered: kept or left out as a whole, so that every call stays with its result.
    struct Exchange: Sendable, Hashable {
        /// The last stored message of it; nil where it is not stored.
        var last: MessageID?
        var messages: [ModelMessage]
        /// How many stored messages it is.
        var count: Int
    }

    /// What was said before, in short.
    let block: MemoryBlock?
    /// How many stored messages are in neither `block` nor `exchanges`.
    let unread: Int
    /// What memory holds for the agent.
    let memory: [MemoryEntry]
    /// Oldest first.
    let exchanges: [Exchange]
    /// The message that is answered; empty where there is none.
    let question: [ModelMessage]

    init(
        block: MemoryBlock? = nil, unread: Int = 0, memory: [MemoryEntry] = [], exchanges: [Exchange],
        question: [ModelMessage]
    ) {
        self.block = block
        self.unread = unread
        self.memory = memory
        self.exchanges = exchanges
        self.question = question
    }

    /// A turn that is nobody's answer: what is in `messages` is the question.
    init(messages: [ModelMessage], memory: [MemoryEntry] = []) {
        self.init(memory: memory, exchanges: [], question: messages)
    }

    /// - Parameter stored: oldest first; the last is the question where it is a user's.
    init(_ stored: [Message], block: MemoryBlock?, unread: Int, memory: [MemoryEntry]) {
        let asks = stored.last?.role == .user
        var exchanges: [Exchange] = []
        var unread = unread
        for message in asks ? stored.dropLast() : stored[...] {
            if message.role == .user {
                exchanges.append(Exchange(last: message.id, messages: message.transcript, count: 1))
            } else if exchanges.isEmpty {
                // A conversation starts with its user: this answers something that was not read.
                unread += 1
            } else {
                exchanges[exchanges.count - 1].last = message.id
                exchanges[exchanges.count - 1].messages += message.transcript
                exchanges[exchanges.count - 1].count += 1
            }
        }
        self.init(
            block: block, unread: unread, memory: memory, exchanges: exchanges,
            question: asks ? stored.last?.transcript ?? [] : [])
    }
}

extension Sequence<TurnPast.Exchange> {
    var messages: [ModelMessage] { flatMap(\.messages) }
    var storedCount: Int { reduce(0) { $0 + $1.count } }
}
