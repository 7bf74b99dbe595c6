import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/events`: what happens in the organisation, and what callers add to it.
enum EventRoutes {
    static func routes(_ services: Services) -> [Route] { [follow(services), socket(services), publish(services)] }

    private static let own = EventType.allCases.map { "`\($0.rawValue)`" }.joined(separator: ", ")

    private static let query: [Route.QueryParameter] = [
        .init(
            name: "types",
            schema: JSONSchema(
                .string,
                description: "Names separated by commas; `step.*` for a family. Besides `custom.*` there are \(own).")),
        .init(
            name: "after",
            schema: JSONSchema(
                .string,
                description:
                    "An event's id; as Last-Event-ID. 0 for the beginning. 410 where what came next is no longer kept.")
        ),
    ]

    private static func types(_ context: RequestContext) throws -> EventTypeFilter {
        try context.query["types"].map(EventTypeFilter.init) ?? .all
    }

    // MARK: Reading

    private static func follow(_ services: Services) -> Route {
        Route(
            .get, "/v1/events", "streamEvents", "Follow everything that happens in the organisation, or list it",
            tag: "Events", permission: .eventsRead, query: query + [Route.QueryParameter].page.prefix(1),
            answers: [
                .events("Events as they happen; without `after`, from now on."),
                .json(
                    200,
                    "With `Accept: application/json`: one page, oldest first; without `after`, from the beginning.",
                    ListResource<EventResource>.self),
            ]
        ) { context in
            let types = try types(context)
            let limit = try context.limit()
            let position = try await EventStream.position(services, of: context)
            let accept = context.request.headers["accept"]?.lowercased() ?? ""
            guard accept.contains("application/json"), !accept.contains("text/event-stream") else {
                let end = try await services.events.end(in: context.scope)
                return try EventStream.reply(
                    services, context, after: position ?? end, execution: nil, types: types)
            }
            return try await page(services, after: position ?? 0, types, limit, in: try context.scope)
        }
    }

    /// Reads on where a filter passed over a stretch, a few times at most: then the page is short and says where to go on.
    private static func page(
        _ services: Services, after position: Int64, _ types: EventTypeFilter, _ limit: Int,
        in scope: OrganizationScope
    ) async throws -> Reply {
        var events: [Event] = []
        var slice = EventSlice(events: [], position: position, hasMore: true)
        for _ in 0..<10 where slice.hasMore && events.count < limit {
            slice = try await services.events.after(
                slice.position, execution: nil, types: types, limit: limit - events.count, in: scope)
            events += slice.events
        }
        return try .json(
            ListResource(events.map { EventResource($0) }, next: slice.hasMore ? "\(slice.position)" : nil))
    }

    private static func socket(_ services: Services) -> Route {
        Route(
            .get, "/v1/events/ws", "openEventSocket",
            "Follow everything that happens over a WebSocket, and publish events", tag: "Events",
            permission: .eventsRead, query: query,
            answers: [
                .empty(
                    101,
                    "Each event is a text frame as in the list. Client frames: `{\"publish\": {type, data, execution_id?}, "
                        + "\"ref\"?}`, answered by `{ack, id}` or `{error, ref}`; they need the scope `events:write`, and "
                        + "each counts as a request does: `error.retry_after` says in how many seconds to come again. "
                        + "Browsers send the token as the subprotocol `spotter.token.<token>` beside `spotter.v1`.")
            ]
        ) { context in
            let types = try types(context)
            let position = try await EventStream.position(services, of: context)
            return try await EventSocket.reply(services, context, after: position, types)
        }
    }

    // MARK: Publishing

    /// The operation's id, by which the audit log knows it, whichever way an event comes.
    static let publishing = "publishEvent"

    /// An event to be published.
    struct PublishRequest: Codable, Sendable, FieldsDescribed {
        let type: String
        let data: JSONValue
        let executionId: ExecutionID?

        static let fields: [String: Field] = [
            "type": Field("`agent.insight`, `agent.error`, or `custom.` and a name of your own.", length: 1...71),
            "data": Field("An object of at most 64 KiB."),
            "execution_id": Field("The execution it belongs to."),
        ]

        var draft: EventDraft {
            get throws { try EventDraft(publishing: type, execution: executionId, data: data) }
        }
    }

    private static func publish(_ services: Services) -> Route {
        Route(
            .post, "/v1/events", publishing, "Publish an event", tag: "Events", permission: .eventsWrite,
            body: .json(
                PublishRequest.self, limit: 1 << 17,
                example: ["type": "custom.door.opened", "data": ["door": "front"]]),
            answers: [.json(201, "The event with its place in the log.", EventResource.self)],
            idempotency: .withEffect
        ) { context in
            let wanted = try context.body(PublishRequest.self)
            let draft = try wanted.draft
            try await check(wanted, services, in: try context.scope)
            let receipt = try context.idempotency.map { key in
                let (before, after) = try EventResource.around(
                    Event(position: 0, type: draft.type, execution: draft.execution, at: context.now, data: draft.data))
                return PlacedReceipt(
                    key: key.key, fingerprint: key.fingerprint, status: 201, before: before, after: after,
                    createdAt: context.now)
            }
            let event = try await services.events.publish(
                draft, at: context.now, receipt: receipt, in: try context.scope)
            return try .json(EventResource(event), status: 201)
        }
    }

    /// An execution that is named must be one of the organisation's.
    static func check(_ wanted: PublishRequest, _ services: Services, in scope: OrganizationScope) async throws {
        if let id = wanted.executionId { _ = try await services.executions.execution(id, in: scope) }
    }
}

extension EventResource {
    /// The JSON of an event before and after its place, which the store fills in.
    fileprivate static func around(_ event: Event) throws -> (before: [UInt8], after: [UInt8]) {
        let bytes = try JSONWriter.encode(EventResource(event))
        // The id comes first, and is the place of an event that has none.
        guard let id = bytes.firstRange(of: Array("\"\(event.position)\"".utf8)) else {
            throw SpotterError(.internal, "An event is written without its id.")
        }
        return (Array(bytes[...id.lowerBound]), Array(bytes[(id.upperBound - 1)...]))
    }
}
