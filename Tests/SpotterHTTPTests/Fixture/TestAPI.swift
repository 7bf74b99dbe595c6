import Foundation
import HTTPServerKit
import ServiceKit
import SigningKit
import SpotterAgents
import SpotterDomain
import SpotterEngine
import SpotterPostgres
import SpotterProviders
import SpotterTesting
import SpotterTokens
import SpotterTools

@testable import SpotterHTTP

/// The whole API on stores in memory and the offline model, with two organisations, called without a socket.
struct TestAPI: Sendable {
    let stores: StoreSet
    let services: Services
    let table: RouteTable
    let signer: PasetoTokenSigner
    let ours: Tenant
    let theirs: Tenant
    /// May use `/v1/admin`; issued in our organisation.
    let operatorToken: String
    let origins: Parts.Origins
    private let responder: APIResponder

    /// Runs `body` on a new API whose workers and event bus live as long as it does.
    ///
    /// - Parameters:
    ///   - takesWork: whether its queue is worked on; chats run without.
    ///   - dashboard: the folder of the dashboard's files.
    ///   - inDatabase: whether PostgreSQL stands behind it, and not memory.
    static func with<Result>(
        takesWork: Bool = false, policy: ToolPolicy = ToolPolicy(), dashboard: String? = nil,
        inDatabase: Bool = false, _ body: (TestAPI) async throws -> Result
    ) async throws -> Result {
        let kept = inDatabase ? try await database() : nil
        let parts = try Parts(policy: policy, dashboard: dashboard, kept: kept)
        let workforce = parts.workforce
        try workforce.heart.start()
        var services: [any Service] = [parts.signals, parts.bus, workforce.pool]
        if takesWork { services += [workforce.caretaker, workforce.dispatcher] as [any Service] }
        let running = services.map { service in Task { try? await service.run() } }
        defer {
            for service in services { service.shutDown() }
            for task in running { task.cancel() }
        }
        return try await body(TestAPI(parts))
    }

    private static func database() async throws -> (stores: StoreSet, heartbeat: any Heartbeat) {
        let shared = try await TestStores.shared
        return (shared.stores, PostgresHeartbeat(shared.configuration))
    }

    /// The names of all operations, for tests that take them as arguments.
    static let operations: [String] = {
        guard let parts = try? Parts() else { return [] }
        return RouteTable(parts.services).routes.map(\.name)
    }()

    private init(_ parts: Parts) async throws {
        stores = parts.stores
        services = parts.services
        signer = parts.signer
        table = RouteTable(parts.services)
        origins = parts.origins
        responder = APIResponder(parts.services)
        ours = try await Tenant(named: "Iron Temple", parts)
        theirs = try await Tenant(named: Tenant.foreignName, parts)
        operatorToken = try await ours.token(role: .operator)
    }

    func route(_ name: String) throws -> Route {
        guard let route = table.routes.first(where: { $0.name == name }) else {
            throw SpotterError(.notFound, "no operation \(name)")
        }
        return route
    }

    /// Sends a request. `token` nil sends none.
    func send(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, token: String?,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        var fields = HTTPHeaders()
        if let token { fields.append("authorization", "Bearer \(token)") }
        if body != nil { fields.append("content-type", "application/json") }
        for (name, value) in headers { fields.append(name, value) }
        return try await send(HTTPRequest(method: method, target: target, headers: fields, body: body?.bytes ?? []))
    }

    /// Sends a request as our owner.
    func ask(
        _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        try await send(method, target, body, token: ours.token, headers: headers)
    }

    /// The answer to what never became a request.
    func stray(_ status: Int) async throws -> Answer {
        try await Answer(responder.errorResponse(status: status, detail: "No.", remoteAddress: "192.0.2.1"))
    }

    func send(_ request: HTTPRequest) async throws -> Answer {
        try await Answer(await responder.respond(to: request))
    }
}
