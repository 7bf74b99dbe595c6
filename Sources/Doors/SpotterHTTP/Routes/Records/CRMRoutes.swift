import SpotterDomain

/// `/v1/crm`: the gym's records. A kind of them is one line here.
enum CRMRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            RecordRoutes<StaffKind>(services, ["name": "Dana Whitlock", "role": "coach"]).routes,
            RecordRoutes<ClientKind>(
                services, ["name": "Anna Lindqvist", "email": "anna@example.com", "tags": ["evening"]]
            ).routes,
            RecordRoutes<LeadKind>(
                services, ["name": "Ben Carver", "phone": "+44 7700 900456", "source": "instagram"]
            ).routes,
            RecordRoutes<GymClassKind>(services, ["name": "Spin", "duration_minutes": 45, "capacity": 20]).routes,
            RecordRoutes<ClassSessionKind>(
                services,
                [
                    "class_id": .sample(of: GymClassKind.self), "starts_at": "2030-11-23T18:30:00Z",
                    "ends_at": "2030-11-23T19:15:00Z", "capacity": 20,
                ]
            ).routes,
            RecordRoutes<BookingKind>(
                services,
                [
                    "session_id": .sample(of: ClassSessionKind.self), "client_id": .sample(of: ClientKind.self),
                ]
            ).routes,
            RecordRoutes<MembershipPlanKind>(
                services, ["name": "Monthly", "amount": ["amount": "49.90"], "period": "month"]
            ).routes,
            RecordRoutes<SubscriptionKind>(
                services,
                [
                    "client_id": .sample(of: ClientKind.self), "amount": ["amount": "49.90", "currency": "GBP"],
                    "period": "month",
                ]
            ).routes,
            RecordRoutes<PaymentKind>(
                services,
                ["client_id": .sample(of: ClientKind.self), "amount": ["amount": "49.90", "currency": "GBP"]]
            ).routes,
            RecordRoutes<RefundKind>(
                services,
                ["payment_id": .sample(of: PaymentKind.self), "amount": ["amount": "9.90", "currency": "GBP"]]
            ).routes,
            RecordRoutes<CheckInKind>(services, ["client_id": .sample(of: ClientKind.self)]).routes,
            RecordRoutes<TicketKind>(services, ["subject": "Locker 12 does not close", "priority": "low"]).routes,
            RecordRoutes<CampaignKind>(
                services,
                [
                    "name": "We miss you", "kind": "retention", "audience": ["inactive_days": 30],
                    "steps": [["channel": "sms", "body": "Come back!", "delay_days": 0]],
                ]
            ).routes,
            RecordRoutes<SocialPostKind>(
                services, ["platform": "instagram", "content": "Spin is back on Mondays.", "hashtags": ["spin"]]
            ).routes,
            RecordRoutes<CalendarEventKind>(
                services,
                [
                    "kind": "tour", "title": "Tour with Ben", "starts_at": "2030-11-23T10:00:00Z",
                    "ends_at": "2030-11-23T10:30:00Z",
                ]
            ).routes,
            RecordRoutes<MessageTemplateKind>(
                services,
                [
                    "name": "miss-you", "channel": "sms",
                    "body": "{{first_name}}, your next week at {{gym}} is on us. STOP ends SMS.",
                ]
            ).routes,
            RecordHistoryRoutes.routes(services),
        ].flatMap { $0 }
    }
}

extension JSONValue {
    /// An id for an example.
    fileprivate static func sample<Kind: RecordKind>(of kind: Kind.Type) -> JSONValue {
        .string(Identifier<Kind>.sample.description)
    }
}
