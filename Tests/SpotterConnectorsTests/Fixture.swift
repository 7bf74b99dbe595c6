import EventLoopKit
import Foundation
import HTTPClientKit
import ServiceKit
import SpotterConnectors
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

private let loop = EventLoop(name: "connector-tests")

/// A gym with a double of HighLevel, on a clock that goes on when it is told to.
struct Fixture {
    let clock: ManualClock
    let stores: StoreSet
    let gym: TestOrganization
    let double: HighLevelDouble
    var settings: TenantConnector
    let crm: HighLevelConnector
    var options = ConnectorSync.Options()

    static let pipeline = "pipe1"

    init(stores: StoreSet? = nil, gym: TestOrganization? = nil, settings: TenantConnector = Self.settings) async throws
    {
        clock = ManualClock()
        self.stores = stores ?? StoreSet.memory(clock: clock)
        if let gym { self.gym = gym } else { self.gym = try await TestOrganization.make(in: self.stores) }
        double = try HighLevelDouble()
        self.settings = settings
        crm = try Self.connector(to: double)
        options.page = 7
    }

    static let settings = TenantConnector(
        kind: .highlevel, locationId: HighLevelDouble.location, token: "env:HIGHLEVEL_TOKEN",
        sync: [.contacts, .opportunities], pipelineId: pipeline,
        stages: ["new": "stage-new", "contacted": "stage-contacted"], customFields: ["membership": "field1"])

    static func connector(
        to double: HighLevelDouble, token: any ConnectorToken = StoredToken { "pit-sesame" },
        _ change: (inout HighLevelClient.Configuration) -> Void = { _ in }
    ) throws -> HighLevelConnector {
        var guarded = GuardedClient.Configuration()
        guarded.openAddresses = [try #require(RemoteAddress(double.address))]
        var configuration = HighLevelClient.Configuration()
        configuration.baseURL = double.url
        configuration.pause = { _ in }
        change(&configuration)
        let client = HighLevelClient(
            client: GuardedClient(loops: [loop], configuration: guarded), token: token, partition: "test",
            configuration: configuration)
        return HighLevelConnector(client: client, location: HighLevelDouble.location)
    }

    var scope: OrganizationScope { gym.scope }
    var configured: ConfiguredConnector { ConfiguredConnector(settings: settings, crm: crm, countryCode: "+44") }

    func sync(records: (any RecordStore)? = nil, connectors: (any ConnectorStore)? = nil) -> ConnectorSync {
        ConnectorSync(
            records: records ?? stores.gym, contacts: stores.contacts, store: connectors ?? stores.connectors,
            organizations: stores.organizations, options: options, clock: clock, ids: RandomIDGenerator(),
            log: Log(level: .error))
    }

    /// Runs to the end.
    @discardableResult
    func run() async throws -> SyncCounts {
        let outcome = try await sync().run(configured, onlyIfDue: false, in: scope)
        guard case .completed(let counts) = outcome else {
            Issue.record("the run did not come to its end: \(outcome)")
            return SyncCounts()
        }
        return counts
    }

    /// A minute goes by, on both sides.
    func pass(_ seconds: Double = 60) {
        clock.advance(by: seconds)
        double.setTime(clock.now())
    }

    var setting: RecordSetting { RecordSetting(now: clock.now(), organization: gym.organization, actor: "test") }

    @discardableResult
    func addLead(_ name: String, email: String? = nil, phone: String? = nil, tags: [String] = []) async throws -> Lead {
        try await stores.gym.create(
            gym.id(), LeadFields(name: name, email: email, phone: phone, tags: tags), setting, in: scope)
    }

    @discardableResult
    func addClient(_ name: String, email: String? = nil, phone: String? = nil) async throws -> Client {
        try await stores.gym.create(
            gym.id(), ClientFields(name: name, email: email, phone: phone, joinedOn: setting.today), setting, in: scope)
    }

    func leads() async throws -> [Lead] {
        var found: [Lead] = []
        var after: Cursor?
        repeat {
            let page = try await stores.gym.list(
                LeadKind.self, RecordFilter(), PageRequest(limit: 200, after: after), in: scope)
            found += page.items
            after = page.next
        } while after != nil
        return found
    }

    func lead(_ name: String) async throws -> Lead {
        try #require(try await leads().first { $0.name == name })
    }

    func refuses(_ person: MessagePerson, _ channel: MessageChannel) async throws -> Bool {
        try await stores.contacts.consents(of: person, in: scope).contains { $0.channel == channel && !$0.isGranted }
    }

    func notes() async throws -> [ConnectorNote] {
        try await stores.connectors.notes(of: settings.name, limit: 100, in: scope)
    }
}
