import EventLoopKit
import HTTPClientKit
import SpotterDomain

/// Everybody who wants something from the system during a run.
struct Load: Sendable {
    private static let customersEach = 4

    let ledgers: [String: Ledger]
    private let customers: [Customer]
    private let poisoner: Customer

    /// Makes the agents and the customers of every organisation.
    init(_ system: ChaosSystem, client: HTTPClient, seed: UInt64, patience: ContinuousClock.Instant) async throws {
        var customers: [Customer] = []
        var ledgers: [String: Ledger] = [:]
        for organization in system.organizations {
            let api = APIClient(client: client, url: { system.url }, token: organization.token, deadline: patience)
            var agents: [String] = []
            for model in ["claude-sonnet-4-5", "gpt-4o-mini"] {
                let settings: JSONValue = [
                    "name": .string("Agent of \(model)"), "system_prompt": "You do as you are told.",
                    "model": .string(model), "tools": ["http_request"],
                ]
                let made = try await api.insist("POST", "/v1/agents", settings, key: "agent-\(model)")
                agents.append(try made.field("id", expecting: 201))
            }
            let stage = Stage(
                stores: system.database.stores, scope: try await system.database.organization(organization.slug),
                recorder: system.recorder, deadline: patience)
            let ledger = Ledger()
            ledgers[organization.slug] = ledger
            customers += (1...Self.customersEach).map { number in
                Customer(
                    name: "\(organization.slug)-\(number)", seed: seed, api: api, ledger: ledger, agents: agents,
                    stage: stage)
            }
        }
        guard let poisoner = customers.first else { throw SpotterError(.invalid, "There is no customer.") }
        self.customers = customers
        self.ledgers = ledgers
        self.poisoner = poisoner
    }

    /// Lets all of them want things until the time is over.
    func run(until end: ContinuousClock.Instant) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for customer in customers { group.addTask { try await customer.run(until: end) } }
            try await group.waitForAll()
        }
    }

    /// Hands in work that no process survives.
    func poison() async throws {
        let script = Script(work: "poison", turns: [.init(act: .poison)])
        do {
            try await poisoner.run(script, by: poisoner.agents[0], isRepeated: false)
        } catch let error as APIClient.Unanswered {
            poisoner.ledger.miss(error.description)
        }
    }
}
