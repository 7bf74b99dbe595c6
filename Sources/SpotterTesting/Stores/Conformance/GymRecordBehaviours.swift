public import Foundation
public import SpotterDomain

extension TestOrganization {
    /// When and by whom records are written in tests.
    public func setting(_ now: Date = start, by actor: String = "desk") -> RecordSetting {
        RecordSetting(now: now, organization: organization, actor: actor)
    }

    /// Stores a record.
    public func keep<Kind: RecordKind>(
        _ fields: Kind.Fields, externalId: String? = nil, at now: Date = start
    ) async throws -> GymRecord<Kind> {
        try await stores.gym.create(id(), fields, externalId: externalId, setting(now), in: scope)
    }

    func rows<Kind: RecordKind>(
        _ rows: JSONValue..., of kind: Kind.Type, at now: Date = start, isAtomic: Bool = false,
        isRehearsal: Bool = false
    ) async throws -> SavedRecords<Kind> {
        try await RecordIntake<Kind>(stores.gym, ids: RandomIDGenerator()).upsert(
            rows, setting(now), isAtomic: isAtomic, isRehearsal: isRehearsal, in: scope)
    }
}

extension StoreConformance {
    static let gymRecords: [StoreBehaviour] = everyKind + writing + trails + recordRules

    private static let everyKind: [StoreBehaviour] = [
        StoreBehaviour("records of every kind are kept as they were given, found, listed and deleted") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (scope, now) = (gym.scope, TestOrganization.start)
            func keep<Kind: RecordKind>(_ fields: Kind.Fields) async throws -> GymRecord<Kind> {
                let made: GymRecord<Kind> = try await gym.keep(fields, externalId: "x-1")
                let found = try await stores.gym.record(made.id, in: scope)
                try requireEqual(found, made)
                try requireEqual(found.version, 1)
                let page = try await stores.gym.list(Kind.self, RecordFilter(), PageRequest(), in: scope)
                try requireEqual(page.items, [made])
                var filter = RecordFilter()
                filter.externalId = "x-2"
                let none = try await stores.gym.list(Kind.self, filter, PageRequest(), in: scope)
                try requireEqual(none.items, [])
                return made
            }
            let staff: StaffMember = try await keep(
                StaffFields(name: "Dana Straße", email: "dana@example.com", phone: "020 7946", role: .frontDesk))
            let client: Client = try await keep(
                ClientFields(
                    name: "Anna \u{1F600}", email: "Anna@Example.com", phone: "+44 20", status: .cancelled,
                    tags: ["vip", "a,b \"c\""], joinedOn: Day(days: 19_000), cancelledOn: Day(days: 19_001),
                    birthday: Day(days: -5_000), timezone: "America/New_York", source: "referral",
                    assignedTo: staff.id, notes: "line\nline", metadata: ["b": "1", "a": ""]))
            let lead: Lead = try await keep(
                LeadFields(
                    name: "Ben", status: .lost, source: "web", tags: ["x"], interest: "spin", notes: "n",
                    assignedTo: staff.id, lostReason: "price", clientId: client.id, timezone: "UTC",
                    metadata: ["a": "b"]))
            let spin: GymClass = try await keep(
                GymClassFields(
                    name: "Spin", description: "d", durationMinutes: 45, capacity: 3, category: "cardio",
                    level: .beginner, isActive: false))
            let session: ClassSession = try await keep(
                ClassSessionFields(
                    classId: spin.id, className: "Spin", instructor: "Dana", staffId: staff.id, room: "1",
                    startsAt: now + 3_600, endsAt: now + 7_200, capacity: 3, waitlistCapacity: 1))
            let booking: Booking = try await keep(
                BookingFields(sessionId: session.id, clientId: client.id, bookedAt: now, startsAt: now + 3_600))
            let (price, zero) = (Money(Decimal(string: "49.9000") ?? 0, "EUR"), Money(0, "GBP"))
            let plan: MembershipPlan = try await keep(
                MembershipPlanFields(name: "Gold", amount: zero, period: .week, periodCount: 4))
            let subscription: Subscription = try await keep(
                SubscriptionFields(
                    clientId: client.id, planId: plan.id, amount: price, period: .month, startedAt: now,
                    nextPaymentOn: Day(days: 21_000)))
            let payment: Payment = try await keep(
                PaymentFields(
                    clientId: client.id, subscriptionId: subscription.id, amount: price, kind: .dropIn,
                    method: .directDebit, paidAt: now, description: "d"))
            let _: Refund = try await keep(
                RefundFields(paymentId: payment.id, amount: price, reason: "r", refundedAt: now))
            let _: CheckIn = try await keep(
                CheckInFields(clientId: client.id, sessionId: session.id, checkedInAt: now))
            let _: Ticket = try await keep(
                TicketFields(
                    subject: "Locker", body: "b", status: .resolved, priority: .critical, category: "c",
                    clientId: client.id, leadId: lead.id, assignedTo: staff.id, openedBy: "desk", dueAt: now,
                    resolvedAt: now))
            let _: Campaign = try await keep(
                CampaignFields(
                    name: "Back", kind: .leadNurture, audience: ["z": 1, "a": [nil]],
                    steps: [CampaignStep(channel: .email, subject: "s", body: "b", delayDays: 2)], createdBy: "desk",
                    startsAt: now))
            let _: SocialPost = try await keep(
                SocialPostFields(
                    platform: .tiktok, content: "c", hashtags: ["a"], mediaUrl: "https://example.com/a.png",
                    status: .scheduled, scheduledAt: now, createdBy: "desk"))
            let _: CalendarEvent = try await keep(
                CalendarEventFields(
                    kind: .trial, title: "T", description: "d", startsAt: now, endsAt: now + 60, staffId: staff.id,
                    clientId: client.id, leadId: lead.id, sessionId: session.id, bookingId: booking.id, location: "l",
                    createdBy: "desk"))
            let shown = try await stores.gym.record(session.id, in: scope)
            try requireEqual([shown.booked, shown.waiting], [1, 0])
            try requireEqual(shown.className, "Spin")
            // What hangs on the member goes with it, and what can do without stays.
            try await stores.gym.delete(client.id, version: 1, gym.setting(), in: scope)
            try await requireError(.notFound) { try await stores.gym.record(client.id, in: scope) }
            try await requireError(.notFound) { try await stores.gym.record(booking.id, in: scope) }
            try await requireError(.notFound) {
                try await stores.gym.delete(client.id, version: nil, gym.setting(), in: scope)
            }
            try requireEqual(try await stores.gym.record(payment.id, in: scope).clientId, nil)
            try requireEqual(try await stores.gym.record(lead.id, in: scope).clientId, nil)
        },
        StoreBehaviour("records of another organisation are as unknown as what never was") { stores in
            let mine = try await TestOrganization.make(in: stores)
            let theirs = try await TestOrganization.make(in: stores)
            let client: Client = try await theirs.keep(
                ClientFields(name: "Foreign", joinedOn: Day(days: 0)), externalId: "c-1")
            try await requireError(.notFound) { try await stores.gym.record(client.id, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.gym.update(client.id, mine.setting(), in: mine.scope) { $0.name = "Mine" }
            }
            try await requireError(.notFound) {
                try await stores.gym.delete(client.id, version: nil, mine.setting(), in: mine.scope)
            }
            let error = try await requireError(.invalid) {
                let _: CheckIn = try await mine.keep(
                    CheckInFields(clientId: client.id, checkedInAt: TestOrganization.start))
            }
            try requireEqual(error.issues.map(\.pointer), ["/client_id"])
            let found = try await stores.gym.find([.external(.client, "c-1")], in: mine.scope)
            try requireEqual(found, [:])
            let page = try await stores.gym.list(ClientKind.self, RecordFilter(), PageRequest(), in: mine.scope)
            try requireEqual(page.items, [])
            try requireEqual(try await stores.gym.statusChanges(of: client.id, in: mine.scope), [])
            // The same external id is another one here.
            let _: Client = try await mine.keep(ClientFields(name: "Own", joinedOn: Day(days: 0)), externalId: "c-1")
        },
        StoreBehaviour("a list is narrowed by what its kind has, and goes on where it ended") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var made: [Lead] = []
            for index in 0..<5 {
                let fields = LeadFields(
                    name: "Lead \(index)", email: "Lead\(index)@example.com", phone: "+44 7700 90012\(index)",
                    status: index < 2 ? .new : .won, source: index == 0 ? "web" : "walk-in", tags: ["t\(index % 2)"])
                made.append(try await gym.keep(fields, at: TestOrganization.start + Double(index)))
            }
            func found(_ edit: (inout RecordFilter) -> Void) async throws -> [String] {
                var filter = RecordFilter()
                edit(&filter)
                return try await stores.gym.list(LeadKind.self, filter, PageRequest(), in: gym.scope).items.map(\.name)
            }
            try requireEqual(try await found { $0.status = "new" }, ["Lead 1", "Lead 0"])
            try requireEqual(try await found { $0.kind = "web" }, ["Lead 0"])
            try requireEqual(try await found { $0.email = "lead3@EXAMPLE.com" }, ["Lead 3"])
            try requireEqual(try await found { $0.phone = "+44 (7700) 900124" }, ["Lead 4"])
            try requireEqual(try await found { $0.tag = "t1" }, ["Lead 3", "Lead 1"])
            try requireEqual(try await found { $0.words = ["lea", "3"] }, ["Lead 3"])
            try requireEqual(try await found { $0.words = ["900124"] }, ["Lead 4"])
            try requireEqual(try await found { $0.words = ["nobody"] }, [])
            try requireEqual(
                try await found {
                    $0.from = TestOrganization.start + 1
                    $0.to = TestOrganization.start + 3
                }, ["Lead 2", "Lead 1"])
            let first = try await stores.gym.list(LeadKind.self, RecordFilter(), PageRequest(limit: 2), in: gym.scope)
            try requireEqual(first.items.map(\.id), [made[4].id, made[3].id])
            let second = try await stores.gym.list(
                LeadKind.self, RecordFilter(), PageRequest(limit: 200, after: first.next), in: gym.scope)
            try requireEqual(second.items.map(\.id), [made[2].id, made[1].id, made[0].id])
            try requireEqual(second.next, nil)
        },
    ]

    private static let writing: [StoreBehaviour] = [
        StoreBehaviour("a change raises the version, needs the current one, and nothing is written for nothing") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let ticket: Ticket = try await gym.keep(TicketFields(subject: "Locker", openedBy: "desk"))
            let later = TestOrganization.start + 60
            let changed = try await stores.gym.update(ticket.id, version: 1, gym.setting(later), in: gym.scope) {
                $0.status = .closed
            }
            try requireEqual(changed.version, 2)
            try requireEqual(changed.resolvedAt, later)
            try requireEqual([changed.createdAt, changed.updatedAt], [TestOrganization.start, later])
            try await requireError(.preconditionFailed) {
                try await stores.gym.update(ticket.id, version: 1, gym.setting(), in: gym.scope) { $0.subject = "No" }
            }
            try await requireError(.preconditionFailed) {
                try await stores.gym.delete(ticket.id, version: 1, gym.setting(), in: gym.scope)
            }
            let same = try await stores.gym.update(ticket.id, gym.setting(later + 60), in: gym.scope) { _ in }
            try requireEqual(same, changed)
            try requireEqual(try await stores.gym.record(ticket.id, in: gym.scope), changed)
            let issues = try await requireError(.invalid) {
                try await stores.gym.update(ticket.id, gym.setting(), in: gym.scope) { $0.subject = "\u{202E}x" }
            }
            try requireEqual(issues.issues.map(\.pointer), ["/subject"])
        },
        StoreBehaviour("a record that a request made comes with its receipt, or not at all") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let receipt = gym.receipt("key-1")
            @Sendable func make() async throws {
                let draft = RecordDraft<StaffKind>.new(gym.id(), StaffFields(name: "Dana", role: .coach))
                _ = try await stores.gym.save(
                    [draft], gym.setting(), atomic: true, receipt: { _ in receipt }, in: gym.scope)
            }
            try await make()
            try await requireThrows(ReceiptExists.self) { try await make() }
            let page = try await stores.gym.list(StaffKind.self, RecordFilter(), PageRequest(), in: gym.scope)
            try requireEqual(page.items.count, 1)
        },
        StoreBehaviour("rows are written by their external ids, each by itself, and again change nothing") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let rows: [JSONValue] = [
                ["external_id": "a", "name": "Anna", "email": "anna@example.com", "tags": ["vip"]],
                ["external_id": "b", "name": "Ben", "status": "gone"],
                ["external_id": "a", "notes": "twice"],
                ["name": "Nobody"],
            ]
            func save() async throws -> SavedRecords<ClientKind> {
                try await gym.rows(rows[0], rows[1], rows[2], rows[3], of: ClientKind.self)
            }
            func kinds(_ saved: SavedRecords<ClientKind>) -> [String] {
                saved.outcomes.map { outcome in
                    switch outcome {
                    case .created: "created"
                    case .updated: "updated"
                    case .unchanged: "unchanged"
                    case .refused: "refused"
                    }
                }
            }
            let first = try await save()
            try requireEqual(kinds(first), ["created", "refused", "updated", "refused"])
            let anna = try first.outcomes[2].record()
            try requireEqual(anna.notes, "twice")
            try requireEqual(anna.tags, ["vip"])
            try requireEqual(try await stores.gym.record(anna.id, in: gym.scope), anna)
            try requireEqual(kinds(try await save()), ["unchanged", "refused", "unchanged", "refused"])
            let gone = try await gym.rows(["external_id": "a", "email": nil, "tags": nil], of: ClientKind.self)
            try requireEqual(try gone.outcomes[0].record().email, nil)
            try requireEqual(try gone.outcomes[0].record().tags, [])
        },
        StoreBehaviour("all or none of the rows are written, and a rehearsal writes none") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let (good, bad): (JSONValue, JSONValue) = (
                ["external_id": "a", "name": "Anna"], ["external_id": "b", "name": "Ben", "email": "no"]
            )
            let none = try await gym.rows(good, bad, of: ClientKind.self, isAtomic: true)
            try require(!none.isWritten)
            let rehearsed = try await gym.rows(good, bad, of: ClientKind.self, isRehearsal: true)
            try require(!rehearsed.isWritten)
            try requireEqual(rehearsed.outcomes.map(\.isRefused), [false, true])
            let page = try await stores.gym.list(ClientKind.self, RecordFilter(), PageRequest(), in: gym.scope)
            try requireEqual(page.items, [])
            let all = try await gym.rows(good, of: ClientKind.self, isAtomic: true)
            try require(all.isWritten)
        },
        StoreBehaviour("rows name people by external id or e-mail address, and say so where they cannot") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let anna: Client = try await gym.keep(
                ClientFields(name: "Anna", email: "Anna@example.com", joinedOn: Day(days: 0)), externalId: "m-1")
            for _ in 0..<2 {
                let _: Client = try await gym.keep(
                    ClientFields(name: "Twin", email: "twin@example.com", joinedOn: Day(days: 0)))
            }
            let saved = try await gym.rows(
                ["external_id": "1", "client_external_id": "m-1"],
                ["external_id": "2", "client_email": "anna@EXAMPLE.com", "client_external_id": "m-1"],
                ["external_id": "3", "client_email": "twin@example.com"],
                ["external_id": "4", "client_external_id": "m-2"],
                ["external_id": "5", "client_external_id": "m-1", "client_email": "twin@example.com"],
                of: CheckInKind.self)
            try requireEqual(try saved.outcomes[0].record().clientId, anna.id)
            try requireEqual(try saved.outcomes[1].record().clientId, anna.id)
            let refused = saved.outcomes.dropFirst(2).map { outcome -> [String] in
                if case .refused(let error) = outcome { error.issues.map(\.pointer) } else { [] }
            }
            try requireEqual(refused, [["/client_email"], ["/client_external_id"], ["/client_email"]])
        },
        StoreBehaviour("an external id is of one record at a time, also where many write it at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let error = try await requireError(.conflict) {
                let _: StaffMember = try await gym.keep(StaffFields(name: "A", role: .coach), externalId: "s")
                let _: StaffMember = try await gym.keep(StaffFields(name: "B", role: .coach), externalId: "s")
            }
            try requireEqual(error.issues.map(\.pointer), ["/external_id"])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let saved = try await gym.rows(
                            ["external_id": "t", "name": "T", "role": "coach"], of: StaffKind.self)
                        _ = try saved.outcomes[0].record()
                    }
                }
                try await group.waitForAll()
            }
            let page = try await stores.gym.list(StaffKind.self, RecordFilter(), PageRequest(), in: gym.scope)
            try requireEqual(page.items.count, 2)
        },
        StoreBehaviour("what a tool makes under a key is made once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let draft = RecordDraft<SocialPostKind>(.key("k"), newID: gym.id()) { _ in
                .init(SocialPostFields(platform: .x, content: "Hi", createdBy: "agent", idempotencyKey: "k"))
            }
            let first = try await stores.gym.save(draft, gym.setting(), in: gym.scope)
            try requireEqual(try await stores.gym.save(draft, gym.setting(), in: gym.scope), first)
        },
    ]

    private static let trails: [StoreBehaviour] = [
        StoreBehaviour("each step of a status is kept, with who took it and why") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let lead: Lead = try await gym.keep(LeadFields(name: "Ben"))
            _ = try await stores.gym.update(
                lead.id, gym.setting(TestOrganization.start + 1, by: "agent_1"), in: gym.scope
            ) {
                $0.status = .lost
                $0.lostReason = "too far"
            }
            _ = try await stores.gym.update(lead.id, gym.setting(TestOrganization.start + 2), in: gym.scope) {
                $0.notes = "no step"
            }
            let start = TestOrganization.start
            try requireEqual(
                try await stores.gym.statusChanges(of: lead.id, in: gym.scope),
                [
                    StatusChange(fromStatus: nil, toStatus: "new", changedBy: "desk", changedAt: start),
                    StatusChange(
                        fromStatus: "new", toStatus: "lost", reason: "too far", changedBy: "agent_1",
                        changedAt: start + 1),
                ])
        },
        StoreBehaviour("a subscription's history has neither gaps nor overlaps") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let client: Client = try await gym.keep(ClientFields(name: "Anna", joinedOn: Day(days: 0)))
            let start = TestOrganization.start
            let subscription: Subscription = try await gym.keep(
                SubscriptionFields(
                    clientId: client.id, amount: Money(52, "GBP"), period: .week, startedAt: start - 1_000))
            func change(_ offset: Double, _ edit: @escaping @Sendable (inout Subscription) -> Void) async throws {
                _ = try await stores.gym.update(subscription.id, gym.setting(start + offset), in: gym.scope, edit)
            }
            try await change(10) { $0.nextPaymentOn = Day(days: 21_000) }
            try await change(20) {
                $0.amount = Money(120, "GBP"); $0.period = .year
            }
            try await change(30) { $0.status = .paused }
            try await change(40) {
                $0.status = .cancelled; $0.cancelReason = "moved"
            }
            try await change(50) { $0.status = .active }
            let history = try await stores.gym.changes(of: subscription.id, in: gym.scope)
            try requireEqual(history.map(\.status), [.active, .active, .paused, .cancelled, .active])
            try requireEqual(history.map(\.validFrom), [-1_000, 20, 30, 40, 50].map { start + $0 })
            try requireEqual(history.map(\.validUntil), [20, 30, 40, 50].map { start + $0 } + [nil])
            let amounts = history.map { "\($0.monthlyAmount.amount)" }
            try requireEqual(amounts, ["226.10714286", "10", "0", "0", "10"])
            try requireEqual(try await stores.gym.record(subscription.id, in: gym.scope).cancelReason, nil)
            try await requireError(.invalid) {
                try await stores.gym.update(subscription.id, gym.setting(start), in: gym.scope) { $0.startedAt = start }
            }
            // One that was over when it was brought in was active until then.
            let old: Subscription = try await gym.keep(
                SubscriptionFields(
                    clientId: client.id, status: .cancelled, amount: Money(10, "GBP"), period: .month,
                    startedAt: start - 500, cancelledAt: start - 100))
            let past = try await stores.gym.changes(of: old.id, in: gym.scope)
            try requireEqual(past.map(\.status), [.active, .cancelled])
            try requireEqual(past.map(\.validFrom), [start - 500, start - 100])
            try requireEqual(past.map(\.validUntil), [start - 100, nil])
        },
        StoreBehaviour("no more is given back than was paid, in the currency of the payment") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let payment: Payment = try await gym.keep(
                PaymentFields(amount: Money(10, "GBP"), paidAt: TestOrganization.start))
            @Sendable func refund(_ amount: Money) async throws -> Refund {
                try await gym.keep(
                    RefundFields(paymentId: payment.id, amount: amount, refundedAt: TestOrganization.start))
            }
            try await requireError(.invalid) { try await refund(Money(11, "GBP")) }
            try await requireError(.invalid) { try await refund(Money(1, "EUR")) }
            try await requireError(.invalid) { try await refund(Money(0, "GBP")) }
            let first = try await refund(Money(6, "GBP"))
            let error = try await requireError(.invalid) { try await refund(Money(5, "GBP")) }
            try requireEqual(error.issues.map(\.pointer), ["/amount/amount"])
            _ = try await stores.gym.update(first.id, gym.setting(), in: gym.scope) { $0.amount = Money(10, "GBP") }
            try await stores.gym.delete(first.id, version: nil, gym.setting(), in: gym.scope)
            _ = try await refund(Money(10, "GBP"))
        },
    ]
}
