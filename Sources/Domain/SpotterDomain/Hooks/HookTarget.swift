public import Foundation

/// Which events a hook sends, and where.
public struct HookTarget: Sendable, Codable, Hashable {
    /// Where events are sent.
    public var url: String
    /// Names of events, families such as `execution.*`, or `*`.
    public var events: [String]
    /// Whether the events of one resource are sent one after another; nil means not.
    public var ordered: Bool?

    /// A target.
    public init(url: String, events: [String], ordered: Bool? = nil) {
        self.url = url
        self.events = events
        self.ordered = ordered
    }

    /// The most patterns.
    public static let mostPatterns = 50

    /// Whether the events of one resource wait for each other.
    public var isOrdered: Bool { ordered ?? false }

    /// Which events are wanted.
    ///
    /// - Throws: `invalid` with the place in the target.
    public func filter() throws -> EventTypeFilter {
        guard (1...Self.mostPatterns).contains(events.count) else {
            throw SpotterError.invalid("/events", "must name 1 to \(Self.mostPatterns) events")
        }
        for (place, pattern) in events.enumerated() {
            do {
                // A comma would make two of one.
                guard !pattern.contains(",") else {
                    throw SpotterError.invalid("/events/\(place)", "must be one pattern, without commas")
                }
                _ = try EventTypeFilter(pattern)
            } catch let error as SpotterError {
                throw SpotterError.invalid("/events/\(place)", error.issues.first?.message ?? error.message)
            }
        }
        return try EventTypeFilter(events.joined(separator: ","))
    }

    /// Whether events of this type are wanted, passing over patterns that no event of this version can have.
    public func wants(_ type: String) -> Bool {
        events.contains { (try? EventTypeFilter($0))?.matches(type) ?? false }
    }

    /// What an event is about, as far as its order matters: the execution, or what its data names first.
    ///
    /// - Returns: nil where events do not wait for each other.
    public func resource(of event: Event) -> String? {
        guard isOrdered else { return nil }
        if let execution = event.execution { return execution.description }
        let named = event.data.object?.first { $0.key.hasSuffix("_id") && $0.value.string != nil }
        return named?.value.string.map { String($0.prefix(100)) } ?? event.type
    }
}

/// What is sent of an event: Standard Webhooks' `{type, timestamp, data}`, with the event's place in the log.
public enum HookMessageBody {
    /// The most bytes of a message; of an event with more only its name and its place are sent.
    public static let longest = 20_000
    /// The type of a message that only shows that it comes through.
    public static let testType = "hook.test"

    /// The very bytes; the same however often they are made.
    public static func bytes(of event: Event) -> [UInt8] {
        let whole = bytes(event, event.data)
        return whole.count <= longest ? whole : bytes(event, ["too_long": true])
    }

    /// The very bytes of a test.
    public static func test(of hook: HookID, at time: Date) -> [UInt8] {
        let body: JSONValue = [
            "type": .string(testType), "timestamp": .string(Timestamp.string(from: time)),
            "data": ["hook_id": .string(hook.description)],
        ]
        return body.bytes
    }

    private static func bytes(_ event: Event, _ data: JSONValue) -> [UInt8] {
        let body: JSONValue = [
            "type": .string(event.type), "timestamp": .string(Timestamp.string(from: event.at)),
            "event_id": .string("\(event.position)"),
            "execution_id": event.execution.map { .string($0.description) } ?? .null, "data": data,
        ]
        return body.bytes
    }
}
