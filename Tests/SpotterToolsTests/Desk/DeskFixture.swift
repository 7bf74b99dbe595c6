import Foundation
import PostgresKit
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterTesting
import SpotterTools
import Testing

/// A gym in London with records of every kind, in PostgreSQL, and every tool over it. It is 10:00 on Saturday
/// 21 November 2026.
struct DeskFixture {
    let home: TestOrganization
    let tools: ToolSet
    let database: Database
    let stores: TestStores
    let now: Date

    static func make(isPublishing: Bool = false) async throws -> DeskFixture {
        let stores = try await TestStores.shared
        let home = try await TestOrganization.make(in: stores.stores)
        let postgres = stores.postgres
        let tasks = TaskService(
            store: postgres.tasks, agents: postgres.agents, organizations: postgres.organizations,
            routing: postgres.routing,
            ids: RandomIDGenerator())
        let desk = TaskDesk(tasks: tasks, receipts: postgres.receipts)
        let tools = ToolCatalog.tools(
            clients: postgres.clients, schedule: postgres.schedule,
            desk: FrontDesk(
                reading: postgres.frontDesk, changes: postgres.frontDeskChanges, appointments: postgres.appointments,
                campaigns: postgres.campaigns, posts: postgres.posts, exports: postgres.exports,
                documents: postgres.documents, planner: desk, starter: desk, agents: postgres.agents,
                sendsMessages: true, isPublishing: { _ in isPublishing }))
        let now = try #require(Timestamp.date(from: "2026-11-21T10:00:00Z"))
        return DeskFixture(home: home, tools: tools, database: stores.database, stores: stores, now: now)
    }

    /// Every tool that needs no way out.
    static func everything() async throws -> ToolSet {
        let postgres = try await TestStores.shared.postgres
        let figures = ToolCatalog.tools(
            clients: postgres.clients, schedule: postgres.schedule, memory: postgres.memory,
            analytics: postgres.analytics, colleagues: (postgres.agentMessages, postgres.agents))
        let all = try await [make().tools.tools, MessagingFixture.make().tools.tools, figures.tools].joined()
        var seen: Set<String> = []
        return ToolSet(all.filter { seen.insert($0.name).inserted })
    }

    // MARK: Calling

    func call(
        _ name: String, _ arguments: JSONValue, key: String = UUID().uuidString, isDryRun: Bool = false,
        agent: AgentID? = nil
    ) async throws -> JSONValue {
        let tool = try #require(tools[name])
        let context = ToolContext(
            scope: home.scope, organization: home.organization, now: now, effectKey: key, isDryRun: isDryRun,
            caller: ToolContext.Caller(agent: agent, subject: "desk"))
        return try await tool.call(arguments, in: context)
    }

    func failure(_ name: String, _ arguments: JSONValue, isDryRun: Bool = false) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) {
            try await call(name, arguments, isDryRun: isDryRun)
        }
        return try #require(error).message
    }

    func summary(_ name: String, _ arguments: JSONValue, isDryRun: Bool = false) async throws -> String {
        try #require(try await call(name, arguments, isDryRun: isDryRun)["summary"]?.string)
    }

    // MARK: Records

    func run(_ statement: Statement) async throws {
        _ = try await database.withOrganization(home.scope.organization.uuid).query(statement)
    }

    func count(_ statement: Statement) async throws -> Int {
        let rows = try await database.withOrganization(home.scope.organization.uuid, readOnly: true).query(statement)
        return try rows.exactlyOne().get(0)
    }

    func at(_ text: String) throws -> Date { try #require(Timestamp.date(from: text)) }

    func member(
        _ name: String, email: String? = nil, phone: String? = nil, status: Client.Status = .active,
        tags: [String] = []
    ) async throws -> ClientID {
        let client = home.client(name, email: email, phone: phone, status: status, tags: tags)
        try await stores.postgres.clients.add([client], in: home.scope)
        return client.id
    }

    func lead(_ name: String, status: String = "new", email: String? = nil) async throws -> LeadID {
        let id: LeadID = home.id()
        try await run(
            Statement(
                """
                INSERT INTO spotter.leads (
                    organization_id, id, name, name_key, email, phone_digits, status, source, interest, created_at)
                VALUES (app.organization(), $1, $2, $3, $4, '', $5, 'website', 'Get fit', $6)
                """, id.uuid, name, FoldedText.fold(name), email, status, now))
        try await run(
            Statement(
                """
                INSERT INTO spotter.record_words (organization_id, kind, record_id, words)
                VALUES (app.organization(), 'lead', $1, app.kept_words($2::text[]))
                """, id.uuid, SearchWords.words(of: "\(name) \(email ?? "")")))
        return id
    }

    func staff(_ name: String, role: String = "coach") async throws -> StaffID {
        let id: StaffID = home.id()
        try await run(
            Statement(
                """
                INSERT INTO spotter.staff (organization_id, id, name, name_key, role)
                VALUES (app.organization(), $1, $2, $3, $4)
                """, id.uuid, name, FoldedText.fold(name), role))
        return id
    }

    /// A session of a new class.
    func session(
        _ name: String, _ start: String, capacity: Int = 10, booked: Int = 0, cancelled: Bool = false,
        of known: GymClass? = nil
    ) async throws -> ClassSession {
        let gymClass =
            known
            ?? GymClass(
                id: home.id(), name: name, description: "All of \(name)", durationMinutes: 45, capacity: capacity)
        let start = try at(start)
        let session = ClassSession(
            id: home.id(), classId: gymClass.id, className: name, instructor: "Dana Whitlock", startsAt: start,
            endsAt: start + 2_700, capacity: capacity, booked: booked, isCancelled: cancelled)
        try await stores.postgres.schedule.add(
            classes: [gymClass], sessions: [session], bookings: [], in: home.scope)
        return session
    }

    func book(_ client: ClientID, _ session: ClassSession, status: String = "booked") async throws {
        try await run(
            Statement(
                """
                INSERT INTO spotter.bookings (
                    organization_id, id, session_id, client_id, status, booked_at, starts_at)
                VALUES (app.organization(), $1, $2, $3, $4, $5, $6)
                """, UUID(), session.id.uuid, client.uuid, status, now.addingTimeInterval(-86_400), session.startsAt))
    }

    func checkIn(_ client: ClientID, _ time: Date) async throws {
        try await run(
            Statement(
                """
                INSERT INTO spotter.check_ins (organization_id, id, client_id, checked_in_at)
                VALUES (app.organization(), $1, $2, $3)
                """, UUID(), client.uuid, time))
    }

    func pay(
        _ client: ClientID, _ amount: Decimal, _ time: String, status: String = "succeeded", currency: String = "GBP",
        refund: Decimal? = nil
    ) async throws {
        let id = UUID()
        try await run(
            Statement(
                """
                INSERT INTO spotter.payments (
                    organization_id, id, client_id, amount, currency, status, kind, method, paid_at)
                VALUES (app.organization(), $1, $2, $3, $4, $5, 'membership', 'card', $6)
                """, id, client.uuid, amount, currency, status, try at(time)))
        guard let refund else { return }
        try await run(
            Statement(
                """
                INSERT INTO spotter.refunds (organization_id, id, payment_id, amount, refunded_at)
                VALUES (app.organization(), $1, $2, $3, $4)
                """, UUID(), id, refund, now))
    }

    func subscribe(
        _ client: ClientID, plan: String, _ amount: Decimal, every period: String = "month", status: String = "active"
    ) async throws {
        let id = UUID()
        try await run(
            Statement(
                """
                INSERT INTO spotter.plans (organization_id, id, name, name_key, amount, currency, period)
                VALUES (app.organization(), $1, $2, $3, $4, 'GBP', $5)
                """, id, plan, FoldedText.fold(plan), amount, period))
        try await run(
            Statement(
                """
                INSERT INTO spotter.subscriptions (
                    organization_id, id, client_id, plan_id, status, amount, currency, period, started_at,
                    next_payment_on)
                VALUES (app.organization(), $1, $2, $3, $4, $5, 'GBP', $6, $7, '2026-12-01')
                """, UUID(), client.uuid, id, status, amount, period, now))
    }

    func consent(_ client: ClientID, _ channel: String = "email", granted: Bool = true, at time: Date) async throws {
        try await run(
            Statement(
                """
                INSERT INTO spotter.consents (
                    organization_id, id, client_id, channel, purpose, is_granted, source, recorded_at)
                VALUES (app.organization(), $1, $2, $3, 'marketing', $4, 'form', $5)
                """, UUID(), client.uuid, channel, granted, time))
    }

    func block(_ title: String, _ start: String, _ end: String, staff: StaffID? = nil) async throws {
        try await run(
            Statement(
                """
                INSERT INTO spotter.calendar_events (
                    organization_id, id, kind, title, starts_at, ends_at, status, staff_id, created_by)
                VALUES (app.organization(), $1, 'block', $2, $3, $4, 'booked', $5, 'desk')
                """, UUID(), title, try at(start), try at(end), staff?.uuid))
    }
}
