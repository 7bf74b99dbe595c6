import SpotterDomain
import Synchronization

/// Answers that were given before, for organisations that want them again where the very same is asked at temperature 0.
///
/// Each organisation has a cache of its own, bounded in bytes, and never sees another's. What is too old is not given.
final class ResponseCache: Sendable {
    /// What makes two questions the same: how an answer is sent, and by when, does not.
    struct Key: Hashable {
        let kind: ProviderKind
        let request: ModelRequest

        /// `nil` for a question whose answers differ.
        init?(_ request: ModelRequest, kind: ProviderKind) {
            guard request.temperature == 0 else { return nil }
            var same = request
            same.isStreaming = false
            same.timeout = .zero
            self.kind = kind
            self.request = same
        }
    }

    private struct Entry {
        let response: ModelResponse
        let size: Int
        let expiresAt: ContinuousClock.Instant
    }

    private struct Shelf {
        var entries: [Key: Entry] = [:]
        /// Oldest first.
        var order: [Key] = []
        var size = 0
        var usedAt: ContinuousClock.Instant

        mutating func remove(_ key: Key) {
            guard let entry = entries.removeValue(forKey: key) else { return }
            size -= entry.size
            order.removeAll { $0 == key }
        }

        mutating func dropOldest() {
            guard let key = order.first else { return }
            remove(key)
        }
    }

    private let bytesOfOne: Int
    private let organizations: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let shelves = Mutex<[OrganizationID: Shelf]>([:])

    /// - Parameters:
    ///   - bytesOfOne: the most that one organisation's answers and questions may take up.
    ///   - organizations: the most that have a cache; the one that has not been asked for longest goes.
    init(
        bytesOfOne: Int = 4 << 20, organizations: Int = 16, now: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        self.bytesOfOne = bytesOfOne
        self.organizations = max(1, organizations)
        self.now = now
    }

    /// The answer that was given before; nil where there is none or it is too old.
    func answer(to key: Key, of organization: OrganizationID) -> ModelResponse? {
        let now = now()
        return shelves.withLock { shelves in
            shelves[organization]?.usedAt = now
            guard let entry = shelves[organization]?.entries[key] else { return nil }
            guard now < entry.expiresAt else {
                shelves[organization]?.remove(key)
                return nil
            }
            return entry.response.fromCache
        }
    }

    /// Keeps an answer that is whole, for as long as `life`.
    func keep(_ response: ModelResponse, to key: Key, of organization: OrganizationID, for life: Duration) {
        guard [.endTurn, .stopSequence, .toolUse].contains(response.stopReason) else { return }
        let size = key.request.size + response.message.size
        guard size <= bytesOfOne / 4 else { return }
        let now = now()
        shelves.withLock { shelves in
            if shelves[organization] == nil, shelves.count >= organizations {
                shelves.min { $0.value.usedAt < $1.value.usedAt }.map { shelves[$0.key] = nil }
            }
            var shelf = shelves[organization] ?? Shelf(usedAt: now)
            shelf.remove(key)
            while shelf.size + size > bytesOfOne, !shelf.order.isEmpty { shelf.dropOldest() }
            shelf.entries[key] = Entry(response: response, size: size, expiresAt: now + life)
            shelf.order.append(key)
            shelf.size += size
            shelves[organization] = shelf
        }
    }

    /// The bytes that an organisation's answers take up.
    func size(of organization: OrganizationID) -> Int { shelves.withLock { $0[organization]?.size ?? 0 } }
}

extension ModelResponse {
    /// The same answer, which cost nothing this time and says so.
    fileprivate var fromCache: ModelResponse {
        var response = self
        response.usage = TokenUsage()
        response.rawUsage = ["cached": true]
        response.isCached = true
        return response
    }
}

extension ModelMessage {
    /// About how many bytes it takes up.
    fileprivate var size: Int {
        parts.reduce(64) { sum, part in
            switch part {
            case .text(let text), .redactedThinking(let text, _): sum + text.utf8.count + 64
            case .thinking(let text, let signature, _): sum + text.utf8.count + (signature?.utf8.count ?? 0) + 64
            case .toolCall(let call): sum + call.arguments.bytes.count + (call.invalidArguments?.utf8.count ?? 0) + 64
            case .toolResult(let result): sum + result.output.bytes.count + 64
            }
        }
    }
}

extension ModelRequest {
    /// About how many bytes it takes up.
    fileprivate var size: Int {
        let tools = tools.reduce(0) { $0 + $1.summary.utf8.count + $1.parameters.json.bytes.count }
        return messages.reduce(system.utf8.count + tools) { $0 + $1.size }
    }
}
