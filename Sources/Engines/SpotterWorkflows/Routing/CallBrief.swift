import Foundation
import SpotterDomain

/// What an agent is told of a call, and what it answers, in the forms of those who run it.
enum CallBrief {
    /// What a turn of an agent of the house begins with: see `WorkItemOrder`.
    static func input(for order: CallOrder, _ agent: Agent, seconds: Int, session: String?) -> JSONValue {
        let parameters = order.parameters.object ?? JSONObject()
        var input = JSONObject()
        if order.action == CallOrder.messageAction {
            input["title"] = ""
            input["description"] = parameters["content"] ?? ""
            input["input"] = .object(remaining(parameters))
        } else {
            input["title"] = .string(order.action)
            let action = agent.settings.actions?.first { $0.name == order.action }
            input["description"] = .string(action?.description ?? "Do what you are called for: \(order.action).")
            input["input"] = .object(parameters)
        }
        if let session, let told = input["description"]?.string {
            input["description"] = .string("\(told)\n\nWhat this session came to so far:\n\(session)")
        }
        input["timeout_seconds"] = .int(Int64(seconds))
        if let schema = schema(of: order) { input["response_schema"] = schema }
        return .object(input)
    }

    /// The parameters of a message beside what is said.
    private static func remaining(_ parameters: JSONObject) -> JSONObject {
        var rest = parameters
        rest["content"] = nil
        rest["schema"] = nil
        return rest
    }

    /// What the answer of a message must look like.
    private static func schema(of order: CallOrder) -> JSONValue? {
        guard order.action == CallOrder.messageAction, let schema = order.parameters["schema"], !schema.isNull else {
            return nil
        }
        return schema
    }

    /// The answer of a turn: the JSON object that was asked for, or its text.
    static func answer(to order: CallOrder, _ output: JSONValue?) -> JSONValue {
        let text = output?["content"] ?? .null
        if schema(of: order) != nil, let object = text.string.flatMap({ try? JSONParser.parse($0) }),
            object.object != nil
        {
            return object
        }
        return ["content": text]
    }

    /// What an external agent is sent, for the tool that does it.
    static func request(
        for order: CallOrder, _ agent: Agent, _ call: ReservedCall, session: String?
    ) -> JSONValue {
        [
            "agent_id": .string(agent.id.description), "agent_version": .int(Int64(agent.version)),
            // For the organisation's policy: the host is the organisation's own choice, and named in its file.
            "host": (agent.settings.external.flatMap { URLComponents(string: $0.endpoint)?.host?.lowercased() })
                .map { .string($0) } ?? .null,
            "execution_id": .string(call.call.description), "action": .string(order.action),
            "capability": order.capability.map { .string($0) } ?? .null, "parameters": order.parameters,
            "session_id": order.sessionId.map { .string($0) } ?? .null,
            "session_summary": session.map { .string($0) } ?? .null,
        ]
    }

    /// What is wrong with an order for this agent.
    static func issues(in order: CallOrder, for agent: Agent) -> [FieldIssue] {
        if order.action == CallOrder.messageAction {
            guard let declared = schema(of: order) else { return [] }
            do {
                let schema = try JSONSchema(declared: declared)
                _ = try ResponseSchema(name: "answer", schema: schema)
                return []
            } catch let error as SchemaIssues {
                return error.issues(at: "/schema")
            } catch {
                return [FieldIssue(pointer: "/schema", message: "must be of an object")]
            }
        }
        guard let parameters = agent.settings.actions?.first(where: { $0.name == order.action })?.parameters,
            let schema = try? JSONSchema(declared: parameters)
        else { return [] }
        return schema.issues(in: order.parameters)
    }
}
