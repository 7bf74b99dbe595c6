import Foundation
import PostgresKit
import SpotterDomain
import SpotterTenants
import SpotterTesting
import SpotterTools
import Testing

/// A gym with a member, a lead and an owner in PostgreSQL, the templates of the repository, and the messaging tools.
struct MessagingFixture: Sendable {
    struct Directory: MessagingDirectory {
        let all: MessagingSettings
        func settings(in scope: OrganizationScope) -> MessagingSettings { all }
        func transport(for channel: MessageChannel, in scope: OrganizationScope) -> (any MessageTransport)? { nil }
        var configured: [OrganizationID] { [] }
    }

    struct Templates: MessageTemplates { let templates: [MessageTemplate] }

    let gym: TestOrganization
    let member: Client
    let lead: LeadID
    let owner: StaffID
    let tools: ToolSet
    /// Noon in London.
    let now = Date(timeIntervalSince1970: 1_795_003_200)

    static func make(
        _ settings: MessagingSettings = MessagingSettings(channels: [.email, .sms], countryCode: "+44")
    ) async throws -> MessagingFixture {
        let test = try await TestStores.shared
        let stores = test.stores
        let gym = try await TestOrganization.make(in: stores)
        let member = gym.client("Ana Lima", email: "ana@example.com", phone: "020 7946 0018", tags: ["yoga"])
        try await stores.clients.add([member], in: gym.scope)
        let (lead, owner): (LeadID, StaffID) = (gym.id(), gym.id())
        let database = test.database.withOrganization(gym.scope.organization.uuid)
        _ = try await database.query(
            Statement(
                """
                INSERT INTO spotter.leads (organization_id, id, name, name_key, email, phone_digits, status)
                VALUES ((SELECT app.organization()), $1, 'Leo Park', 'leo park', 'leo@example.com', '', 'new')
                """, lead.uuid))
        _ = try await database.query(
            Statement(
                """
                INSERT INTO spotter.staff (organization_id, id, name, name_key, email, role)
                VALUES ((SELECT app.organization()), $1, 'Dana Reyes', 'dana reyes', 'dana@gym.example', 'owner')
                """, owner.uuid))
        let ids = RandomIDGenerator()
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let templates = try MessageTemplateDirectory(path: root.appending(path: "templates/messages").path).load()
        let sending = MessageSending(
            desk: MessageDesk(
                outbox: stores.outbox, contacts: stores.contacts, directory: Directory(all: settings), ids: ids),
            contacts: stores.contacts,
            composer: MessageComposer(templates: Templates(templates: templates), records: stores.gym))
        let tools = ToolCatalog.tools(
            clients: stores.clients, schedule: stores.schedule, ids: ids, messaging: (sending, stores.desk))
        return MessagingFixture(gym: gym, member: member, lead: lead, owner: owner, tools: tools)
    }

    func call(
        _ name: String, _ arguments: JSONValue, key: String = UUID().uuidString, isDryRun: Bool = false
    ) async throws -> JSONValue {
        let tool = try #require(tools[name])
        let context = ToolContext(
            scope: gym.scope, organization: gym.organization, now: now, effectKey: key, isDryRun: isDryRun)
        return try await tool.call(arguments, in: context)
    }

    func failure(_ name: String, _ arguments: JSONValue) async throws -> String {
        let error = await #expect(throws: ToolFailure.self) { try await call(name, arguments) }
        return try #require(error).message
    }

    /// The outbox, oldest first.
    func outbox() async throws -> [OutboxMessage] {
        try await gym.stores.outbox.list(OutboxFilter(), PageRequest(), in: gym.scope).items.reversed()
    }

    func agree(_ channel: MessageChannel = .email, _ person: MessagePerson? = nil) async throws {
        let person = person ?? .client(member.id)
        try await gym.stores.contacts.record(
            [
                Consent(
                    id: gym.id(), clientId: person.clientID, leadId: person.leadID, channel: channel,
                    purpose: .marketing, isGranted: true, source: .form, recordedAt: now - 86_400)
            ], in: gym.scope)
    }
}
