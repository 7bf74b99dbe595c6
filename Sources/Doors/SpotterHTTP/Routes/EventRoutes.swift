import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/events`: the organisation's event stream.
enum EventRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            Route(
                .get, "/v1/events", "streamEvents", "Follow everything that happens in the organisation",
                tag: "Events", permission: .eventsRead,
                query: [
                    .init(
                        name: "types",
                        schema: JSONSchema(.string, description: "Names separated by commas; `step.*` for a family.")),
                    .init(
                        name: "after",
                        schema: JSONSchema(
                            .string, description: "An event's id; as Last-Event-ID. 0 for the beginning.")),
                ],
                answers: [.events("Events as they happen; without `after`, from now on.")]
            ) { context in
                let types = context.query["types"]?.split(separator: ",").map(String.init) ?? []
                let end = try await services.events.end(in: context.scope)
                let position = try EventStream.position(of: context) ?? end
                return EventStream.reply(
                    services.events, after: position, execution: nil, types: types, in: try context.scope)
            }
        ]
    }
}
