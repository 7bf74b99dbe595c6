import Foundation
public import SpotterDomain

/// pgbench scripts that send the statements of the agents' store, each as the server sends it: the scope, the
/// statement and the end of the pipeline in one round trip.
public struct AgentBenchScripts: Sendable {
    private let organization: OrganizationID
    private let agent: AgentID

    /// - Parameter agent: the one that is read.
    public init(organization: OrganizationID, agent: AgentID) {
        self.organization = organization
        self.agent = agent
    }

    /// `GET /v1/agents/{id}`.
    public var read: String { pipeline([fill(AgentSQL.read, [":'agent'::uuid"])], isReadOnly: true) }

    /// `GET /v1/agents?limit=50`.
    public var list: String {
        let last = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"
        return pipeline(
            [fill(AgentSQL.list, [last, "'{}'", "NULL::boolean", "NULL::text", "51"])], isReadOnly: true)
    }

    /// `POST /v1/agents`.
    public var create: String {
        // pgbench's own variables would become parameters, which it cannot prepare inside a pipeline.
        let id = "current_setting('bench.id')::uuid"
        let name = "current_setting('bench.id')"
        let insert = fill(
            AgentSQL.insert,
            [
                id, "1", name, "NULL", "NULL", "'You help.'", "'offline'", "'{}'", "'{}'", "'medium'", "0.7", "4096",
                "10", "300", "true", "'{}'", "NULL", "now()", "now()", name, name, "NULL", "NULL", "NULL",
                "NULL", "NULL", "NULL",
            ])
        // A colon before a letter would be a variable of pgbench's.
        let settings = #"'{"name":"bench","system_prompt":"You help.","model":"offline","tools":[],"enabled": true}'"#
        let version = fill(AgentSQL.insertVersion, [id, "1", settings, "now()"])
        return pipeline([fill(AgentSQL.requireRoom, []), insert, version], isReadOnly: false)
    }

    private func pipeline(_ statements: [String], isReadOnly: Bool) -> String {
        let readOnly =
            isReadOnly
            ? "set_config('transaction_read_only', 'on', true), "
            : "set_config('bench.id', gen_random_uuid()::text, true), "
        let scope = "SELECT \(readOnly)set_config('app.organization', '\(organization.uuid.uuidString)', true);"
        let lines = ["\\startpipeline", scope] + statements.map { $0 + ";" } + ["\\endpipeline", ""]
        return lines.joined(separator: "\n").replacingOccurrences(of: ":'agent'", with: "'\(agent.uuid.uuidString)'")
    }

    /// The statement on one line, with what stands for each parameter. One without a value stays as it is, so that a test
    /// sees it.
    private func fill(_ sql: StaticString, _ values: [String]) -> String {
        let text = sql.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }.replacing(/\$([0-9]+)/) { match in
            guard let number = Int(match.1), values.indices.contains(number - 1) else { return String(match.0) }
            return values[number - 1]
        }
        return text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
            .joined(separator: " ")
    }
}
