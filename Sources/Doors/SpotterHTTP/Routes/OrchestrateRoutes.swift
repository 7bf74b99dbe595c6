import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterWorkflows

/// `/v1/orchestrate`, `/v1/contracts` and the later answers of external agents.
enum OrchestrateRoutes {
    static func routes(_ services: Services) -> [Route] {
        [orchestrate(services), contracts(services), contract(services), answer(services)]
    }

    private static let usualWait = 60_000

    private static func orchestrate(_ services: Services) -> Route {
        Route(
            .post, "/v1/orchestrate", "orchestrate", "Have a capable agent that is free do something", tag: "Routing",
            permission: .executionsWrite, body: .json(OrchestrateRequest.self, example: example),
            answers: [
                .json(
                    200,
                    "What came of it, with the ids of its REQUEST and its RESPONSE. 422 at `/capability` where no agent "
                        + "offers it.", OrchestrateResource.self),
                .json(202, "It has not ended in that time: follow the execution.", ExecutionResource.self),
            ],
            idempotency: .withEffect
        ) { context in
            guard let caller = context.caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            let wanted = try context.body(OrchestrateRequest.self)
            let order = CallOrder(
                action: wanted.action ?? wanted.capability, capability: wanted.capability,
                optionalCapabilities: wanted.optionalCapabilities, parameters: wanted.parameters,
                sessionId: wanted.sessionId, writeContracts: true)
            let id: ExecutionID
            do {
                id = try await services.routing.calls.start(
                    order, by: caller, at: context.now, receipt: { context.receipt(for: $0) })
            } catch let exists as ReceiptExists {
                let ended = try await context.ended(after: exists, services)
                return try answer(ended).with("idempotency-replayed", "true")
            }
            try await services.sessions.hear(wanted.sessionId, at: context.now, in: context.scope)
            try await ExecutionRoutes.waitForEnd(
                of: id, .milliseconds(wanted.timeoutMs ?? usualWait), services, in: context.scope)
            return try answer(await services.executions.execution(id, in: context.scope))
        }
    }

    private static func answer(_ execution: Execution) throws -> Reply {
        guard execution.state.isTerminal else { return try .json(ExecutionResource(execution), status: 202) }
        let error = execution.error
        switch error?.code {
        case "capability_unknown":
            throw SpotterError.invalid("/capability", error?.message ?? "is not known").unprocessable
        case "parameters_invalid": throw SpotterError.invalid("/parameters", error?.message ?? "are not valid")
        case "no_agent_available":
            throw SpotterError(.unavailable, error?.message ?? "No agent is free.", retryAfter: 5)
        default: return try .json(OrchestrateResource(execution))
        }
    }

    // MARK: Contracts

    private static func contracts(_ services: Services) -> Route {
        Route(
            .get, "/v1/contracts", "listContracts",
            "List what was asked of agents and what they answered, newest first",
            tag: "Routing", permission: .executionsRead,
            query: .page + [
                .init(name: "session_id", schema: JSONSchema(.string)), .init(name: "agent_id", schema: AgentID.schema),
                .init(name: "capability", schema: JSONSchema(.string)),
                .init(name: "type", schema: Contract.Kind.schema),
                .init(name: "status", schema: Contract.Status.schema),
                .init(name: "from", schema: Date.schema), .init(name: "to", schema: Date.schema),
            ],
            answers: [.json(200, "One page.", ListResource<ContractResource>.self)]
        ) { context in
            let filter = ContractFilter(
                session: context.query["session_id"], agent: try context.queryID("agent_id"),
                capability: context.query["capability"], type: try context.choice("type", Contract.Kind.self),
                status: try context.choice("status", Contract.Status.self), from: try context.time("from"),
                to: try context.time("to"))
            let page = try await services.routing.contracts.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(ContractResource.init)))
        }
    }

    private static func contract(_ services: Services) -> Route {
        Route(
            .get, "/v1/contracts/{contract_id}", "getContract", "Read one contract", tag: "Routing",
            permission: .executionsRead, answers: [.json(200, "The contract.", ContractResource.self)]
        ) { context in
            let contract = try await services.routing.contracts.contract(
                context.id("contract_id", "contract"), in: context.scope)
            return try .json(ContractResource(contract))
        }
    }

    // MARK: Later answers

    private static func answer(_ services: Services) -> Route {
        Route(
            .post, "/v1/calls/{execution_id}/answer", "answerCall",
            "As an external agent, answer a call that was accepted with 202", tag: "Routing",
            permission: .agentsReport,
            body: .json(CallAnswerRequest.self, example: ["token": "as the call had it", "data": ["text": "Done."]]),
            answers: [.json(200, "The call as it is now.", ExecutionResource.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let wanted = try context.body(CallAnswerRequest.self)
            guard (wanted.data == nil) != (wanted.error == nil) else {
                throw SpotterError.invalid("/data", "must be given, or error, and not both")
            }
            var answer = JSONObject()
            answer["data"] = wanted.data
            answer["error"] = try wanted.error.map { try JSONValue(encoding: $0) }
            let execution = try await services.routing.calls.answer(
                context.id("execution_id", "execution"), token: wanted.token, with: .object(answer),
                in: context.scope)
            return try .json(ExecutionResource(execution))
        }
    }

    private static let example: JSONValue = [
        "session_id": "session_001", "capability": "support", "parameters": ["text": "Hello!"], "timeout_ms": 0,
    ]
}

/// What is to be done by whoever can.
struct OrchestrateRequest: Codable, Sendable, FieldsDescribed {
    let sessionId: String
    let capability: String
    let parameters: JSONValue
    let action: String?
    let optionalCapabilities: [String]?
    let timeoutMs: Int?

    static let fields: [String: Field] = [
        "session_id": Field("The session that it belongs to; any name of yours.", length: 1...200),
        "capability": Field("What whoever does it must be able to do.", length: 1...100),
        "parameters": Field("What it is given: an object."),
        "action": Field("`message`, or an action of the agent; the capability unless given.", length: 1...100),
        "optional_capabilities": Field("What would be good to have besides.", count: 0...64),
        "timeout_ms": Field(
            "Answer when it has ended, or after this long at the latest; 60000 unless given.", range: 0...60_000),
    ]
}

/// What came of it.
struct OrchestrateResource: Codable, Sendable {
    let success: Bool
    let data: JSONValue
    let error: CallErrorResource?
    let executionId: ExecutionID
    let agentId: AgentID?
    let requestContractId: ContractID?
    let responseContractId: ContractID?
    let route: JSONValue?

    init(_ execution: Execution) {
        let output = execution.output
        success = execution.state == .completed
        data = output?["data"] ?? .null
        error =
            success
            ? nil
            : CallErrorResource(
                code: execution.error?.code ?? "cancelled",
                message: execution.error?.message ?? "The call was cancelled.", isTransient: nil)
        executionId = execution.id
        agentId = output?["agent_id"]?.string.flatMap { AgentID($0) }
        requestContractId = output?["request_contract_id"]?.string.flatMap { ContractID($0) }
        responseContractId = output?["response_contract_id"]?.string.flatMap { ContractID($0) }
        route = output?["route"]
    }
}

/// Why a call failed.
struct CallErrorResource: Codable, Sendable, FieldsDescribed {
    let code: String
    let message: String
    let isTransient: Bool?

    static let fields: [String: Field] = [
        "code": Field("A stable word, snake_case.", length: 1...100),
        "message": Field("What happened, for people.", length: 0...10_000),
        "is_transient": Field("Whether the same may succeed later."),
    ]
}

/// A later answer of an external agent.
struct CallAnswerRequest: Codable, Sendable, FieldsDescribed {
    let token: String
    let data: JSONValue?
    let error: CallErrorResource?

    static let fields: [String: Field] = [
        "token": Field("The `answer_token` of the call.", length: 1...200),
        "data": Field("The answer; or give `error`."),
        "error": Field("Why there is none."),
    ]
}

/// A contract as the API shows it.
struct ContractResource: Codable, Sendable {
    let id: ContractID
    let sessionId: String?
    let type: Contract.Kind
    let correlationId: ContractID
    let executionId: ExecutionID
    let capability: String?
    let action: String
    let agentId: AgentID
    let payload: JSONValue
    let status: Contract.Status
    let createdAt: Date

    init(_ contract: Contract) {
        id = contract.id
        sessionId = contract.sessionId
        type = contract.type
        correlationId = contract.correlationId
        executionId = contract.executionId
        capability = contract.capability
        action = contract.action
        agentId = contract.agentId
        payload = contract.payload
        status = contract.status
        createdAt = contract.createdAt
    }
}
