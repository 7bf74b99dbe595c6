import HTTPServerKit
public import SpotterDomain

/// What the routes of messages work with.
public struct MessageServices: Sendable {
    let outbox: any OutboxStore
    let contacts: any ContactStore
    let desk: any StaffDesk
    let publicURL: String?
    let onQueued: @Sendable () -> Void

    /// - Parameters:
    ///   - publicURL: where others reach this server, without a slash at its end; nil where nobody said.
    ///   - onQueued: told when a message was queued again.
    public init(
        outbox: any OutboxStore, contacts: any ContactStore, desk: any StaffDesk, publicURL: String? = nil,
        onQueued: @escaping @Sendable () -> Void = {}
    ) {
        self.outbox = outbox
        self.contacts = contacts
        self.desk = desk
        self.publicURL = publicURL
        self.onQueued = onQueued
    }
}

/// `/v1/crm/outbox`: messages on their way out, and what became of them.
enum OutboxRoutes {
    static func routes(_ services: Services) -> [Route] {
        [list(services), get(services), cancel(services), retry(services)]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/crm/outbox", "listOutbox", "List messages on their way out, newest first", tag: "Messages",
            permission: .crmRead,
            query: .page + [
                .init(name: "status", schema: OutboxMessage.Status.schema),
                .init(name: "channel", schema: MessageChannel.schema),
                .init(name: "purpose", schema: MessagePurpose.schema),
                .init(name: "client_id", schema: ClientID.schema), .init(name: "lead_id", schema: LeadID.schema),
                .init(name: "staff_id", schema: StaffID.schema),
            ],
            answers: [.json(200, "One page.", ListResource<OutboxMessage>.self)]
        ) { context in
            let filter = OutboxFilter(
                status: try context.choice("status", OutboxMessage.Status.self),
                channel: try context.choice("channel", MessageChannel.self),
                purpose: try context.choice("purpose", MessagePurpose.self), person: try person(context))
            let page = try await services.messages.outbox.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page))
        }
    }

    private static func person(_ context: RequestContext) throws -> MessagePerson? {
        let client: ClientID? = try context.queryID("client_id")
        let lead: LeadID? = try context.queryID("lead_id")
        let staff: StaffID? = try context.queryID("staff_id")
        let people: [MessagePerson] = [
            client.map { .client($0) }, lead.map { .lead($0) }, staff.map { .staff($0) },
        ].compactMap { $0 }
        guard people.count <= 1 else {
            throw SpotterError.invalid("/client_id", "cannot be given together with lead_id or staff_id")
        }
        return people.first
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/crm/outbox/{outbox_id}", "getOutboxMessage", "Read a message on its way out",
            tag: "Messages", permission: .crmRead, answers: [.json(200, "The message.", OutboxMessage.self)]
        ) { context in
            try .json(await services.messages.outbox.message(context.id("outbox_id", "message"), in: context.scope))
        }
    }

    private static func cancel(_ services: Services) -> Route {
        Route(
            .post, "/v1/crm/outbox/{outbox_id}/cancel", "cancelOutboxMessage",
            "Keep a message that is held or queued from going out", tag: "Messages", permission: .crmWrite,
            answers: [.json(200, "The message, cancelled.", OutboxMessage.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            try .json(await services.messages.outbox.cancel(context.id("outbox_id", "message"), in: context.scope))
        }
    }

    private static func retry(_ services: Services) -> Route {
        Route(
            .post, "/v1/crm/outbox/{outbox_id}/retry", "retryOutboxMessage",
            "Send a message again that failed, was cancelled or needs a review", tag: "Messages",
            permission: .crmWrite,
            answers: [
                .json(
                    200, "The message, queued. One that needed a review may reach its receiver twice.",
                    OutboxMessage.self)
            ],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let message = try await services.messages.outbox.retry(
                context.id("outbox_id", "message"), at: context.now, in: context.scope)
            services.messages.onQueued()
            return try .json(message)
        }
    }
}
