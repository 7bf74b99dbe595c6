import HTTPServerKit
import SpotterDomain

/// `/v1/crm/notifications`: what the staff is told; `/v1/crm/consents`: who may be written to.
enum NotificationRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            list(services), markRead(services), consents(services, of: ClientKind.self) { .client($0) },
            consents(services, of: LeadKind.self) { .lead($0) }, setConsent(services),
        ]
    }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/crm/notifications", "listNotifications", "List what the staff was told, newest first",
            tag: "Messages", permission: .crmRead,
            query: .page + [
                .init(name: "staff_id", schema: StaffID.schema),
                .init(name: "unread", schema: JSONSchema(.boolean, description: "Only those that nobody has read.")),
            ],
            answers: [.json(200, "One page.", ListResource<StaffNotice>.self)]
        ) { context in
            let page = try await services.messages.desk.notices(
                for: context.queryID("staff_id"), unreadOnly: context.flag("unread") ?? false, context.page(),
                in: context.scope)
            return try .json(ListResource(page))
        }
    }

    private static func markRead(_ services: Services) -> Route {
        Route(
            .post, "/v1/crm/notifications/{notification_id}/read", "readNotification",
            "Mark a notification as read", tag: "Messages", permission: .crmWrite,
            answers: [.json(200, "The notification; the first reader stays.", StaffNotice.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let notice = try await services.messages.desk.markRead(
                context.id("notification_id", "notification"), by: context.caller?.subject ?? "", at: context.now,
                in: context.scope)
            return try .json(notice)
        }
    }

    private static func consents<Kind: RecordKind>(
        _ services: Services, of kind: Kind.Type, _ person: @escaping @Sendable (Identifier<Kind>) -> MessagePerson
    ) -> Route {
        let parameter = RecordRoutes<Kind>.parameter
        return Route(
            .get, "/v1/crm/\(Kind.plural)/{\(parameter)}/consents", "list\(RecordRoutes<Kind>.title)Consents",
            "List what a \(Kind.noun) has said about being written to", tag: "Messages", permission: .crmRead,
            answers: [.json(200, "The newest for each channel and purpose.", ListResource<Consent>.self)]
        ) { context in
            let id: Identifier<Kind> = try context.id(parameter, Kind.noun)
            _ = try await services.gym.record(id, in: context.scope)
            let person = person(id)
            let consents = try await services.messages.contacts.consents(of: person, in: context.scope)
            return try .json(ListResource(consents, next: nil))
        }
    }

    private static func setConsent(_ services: Services) -> Route {
        Route(
            .put, "/v1/crm/consents", "putConsent", "Note what somebody has said about being written to",
            tag: "Messages", permission: .crmWrite,
            body: .json(
                ConsentRequest.self,
                example: [
                    "client_id": .string(ClientID.sample.description), "channel": "email", "purpose": "marketing",
                    "is_granted": true, "source": "form",
                ]),
            answers: [.json(200, "The newest for each channel and purpose.", ListResource<Consent>.self)],
            isConditional: false
        ) { context in
            try context.refuseMatch("What somebody has said")
            let request = try context.body(ConsentRequest.self)
            let person = try person(request.clientId, request.leadId)
            let contacts = services.messages.contacts
            try await contacts.record(
                [
                    Consent(
                        id: services.ids.id(at: context.now), clientId: person.clientID, leadId: person.leadID,
                        channel: request.channel, purpose: request.purpose, isGranted: request.isGranted,
                        source: request.source ?? .api, recordedAt: context.now)
                ], in: context.scope)
            return try .json(ListResource(await contacts.consents(of: person, in: context.scope), next: nil))
        }
    }

    private static func person(_ client: ClientID?, _ lead: LeadID?) throws -> MessagePerson {
        switch (client, lead) {
        case (let client?, nil): return .client(client)
        case (nil, let lead?): return .lead(lead)
        case (nil, nil): throw SpotterError.invalid("/client_id", "must be given, or lead_id")
        default: throw SpotterError.invalid("/client_id", "cannot be given together with lead_id")
        }
    }
}

/// What somebody has said.
struct ConsentRequest: Codable, Sendable, FieldsDescribed {
    let clientId: ClientID?
    let leadId: LeadID?
    let channel: MessageChannel
    let purpose: MessagePurpose
    let isGranted: Bool
    let source: Consent.Source?

    static let fields = [
        "client_id": Field("The member who said so."),
        "lead_id": Field("Or the lead who said so."),
        "channel": Field("By which way."),
        "purpose": Field("For what; a no to what is transactional is a no to everything by this channel."),
        "is_granted": Field("Yes or no."),
        "source": Field("Where it was said; `api` if left out."),
    ]
}
