import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// The event log as server-sent events.
enum EventStream {
    /// Streams the events after `position` that `types` wants; with `execution`, only that one's, and only until it ends.
    /// One that failed and was retried has several ends in the log: the stream goes on to the last. It ends before that
    /// when the caller's token or session does.
    ///
    /// - Parameter seat: one that was taken before something was begun; nil to take one.
    /// - Throws: `rateLimited` where the caller has too many streams.
    static func reply(
        _ services: Services, _ context: RequestContext, after position: Int64, execution: ExecutionID?,
        types: EventTypeFilter = .all, seat: StreamSeat? = nil
    ) throws -> Reply {
        let scope = try context.scope
        let seat = try seat ?? takeSeat(services, context)
        let watch = CallerWatch(services: services, context: context)
        let stream: @Sendable (HTTPBodyWriter) async throws -> Void = { writer in
            defer { withExtendedLifetime(seat) {} }
            writer.keepAlive(Array(": keep-alive\n\n".utf8), every: .seconds(15))
            try await writer.write(": spotter\nretry: 1000\n\n")
            try await watch.during {
                try await send(to: writer, services, after: position, execution: execution, types: types, in: scope)
            }
        }
        return Reply(
            status: 200, contentType: "text/event-stream", body: .stream(stream),
            headers: [("x-accel-buffering", "no")])
    }

    /// A seat for a stream of the caller's.
    ///
    /// - Throws: `rateLimited` where there is none for it.
    static func takeSeat(_ services: Services, _ context: RequestContext) throws -> StreamSeat {
        guard let caller = context.caller else { throw Authenticator.refusal }
        return try services.access.seats.take(for: caller)
    }

    private static func send(
        to writer: HTTPBodyWriter, _ services: Services, after position: Int64, execution: ExecutionID?,
        types: EventTypeFilter, in scope: OrganizationScope
    ) async throws {
        var (place, hasSeenEnd) = (position, false)
        try await services.events.follow(after: position, execution: execution, types: types, in: scope) { events in
            var text: [UInt8] = []
            for event in events { try append(event, to: &text) }
            if !text.isEmpty { try await writer.write(text) }
            place = events.last?.position ?? place
            hasSeenEnd = hasSeenEnd || events.contains(where: isEnd)
            guard let execution, hasSeenEnd else { return true }
            return try await !isOver(execution, after: place, services, in: scope)
        }
    }

    private static func append(_ event: Event, to text: inout [UInt8]) throws {
        text += Array("id: \(event.position)\nevent: \(event.type)\ndata: ".utf8)
        // Compact JSON holds no line break, so one data line is enough.
        text += try JSONWriter.encode(EventResource(event))
        text += [10, 10]
    }

    /// Whether the execution has ended for now, and everything that tells of it was sent.
    private static func isOver(
        _ execution: ExecutionID, after place: Int64, _ services: Services, in scope: OrganizationScope
    ) async throws -> Bool {
        guard try await services.executions.execution(execution, in: scope).state.isTerminal else { return false }
        return try await services.events.after(place, execution: execution, limit: 1, in: scope).events.isEmpty
    }

    private static func isEnd(_ event: Event) -> Bool {
        [EventType.executionCompleted, .executionFailed, .executionCancelled].contains { $0.rawValue == event.type }
    }

    /// Where a client stopped: `Last-Event-ID`, or `after` in the query; nil for neither.
    ///
    /// - Throws: `gone` where what came next is no longer kept: nobody is let believe that nothing happened.
    static func position(_ services: Services, of context: RequestContext) async throws -> Int64? {
        guard let text = context.request.headers["last-event-id"] ?? context.query["after"] else { return nil }
        guard let position = Int64(text), position >= 0 else {
            throw SpotterError.invalid("/after", "is not an event's id")
        }
        return try await services.events.resume(after: position, in: context.scope)
    }
}
