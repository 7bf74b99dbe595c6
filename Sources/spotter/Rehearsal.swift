#if DEBUG
    import Foundation
    import SpotterDomain
    import SpotterEngine
    import SpotterTools

    /// What no agent does by itself, for the chaos test: questions to people, runs that begin others, and calls that must
    /// not be repeated. Probes do it, as their input says.
    ///
    /// In debug builds alone, where `SPOTTER_REHEARSAL=1`.
    struct Rehearsal: ProgramSource {
        static let isOn = ProcessInfo.processInfo.environment["SPOTTER_REHEARSAL"] == "1"

        let organizations: any OrganizationStore

        func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
            let settings = AgentSettings(
                name: "Rehearsal", systemPrompt: "None.", model: "none", tools: ["http_request", SendOnce.toolName])
            let created = journal.execution.createdAt
            return Assignment(
                journal: journal, program: RehearsalProgram(journal.execution.input), scope: scope,
                organization: try await organizations.organization(in: scope),
                agent: Agent(
                    id: AgentID(UUID()), version: 1, settings: settings, createdAt: created, updatedAt: created),
                timeout: .seconds(300))
        }
    }

    /// One act after the other.
    private struct RehearsalProgram: Program {
        private let work: String
        private let recorder: String
        private let acts: [String]
        private let children: [JSONValue]

        init(_ input: JSONValue) {
            work = input["work"]?.string ?? ""
            recorder = input["recorder"]?.string ?? ""
            acts = (input["acts"]?.array ?? []).compactMap(\.string)
            children = input["children"]?.array ?? []
        }

        func decide(_ journal: Journal) -> [Command] {
            for (place, act) in acts.enumerated() {
                if let next = next(act, place, journal) { return next }
            }
            return [.finish(output: ["work": .string(work)], answer: nil)]
        }

        /// What is to be done for an act; nil when it is over.
        private func next(_ act: String, _ place: Int, _ journal: Journal) -> [Command]? {
            switch act {
            case "question":
                let name = "question-\(place)"
                guard let step = journal.step(named: name) else {
                    return [.wait(.input(question: work, timeout: nil), name: name)]
                }
                return step.state == .waiting ? [] : nil
            case "children":
                let steps = children.indices.map { journal.step(named: "child-\(place)-\($0)") }
                if steps.contains(where: { $0?.state == .waiting }) { return [] }
                let missing = steps.indices.filter { steps[$0] == nil }
                return missing.isEmpty ? nil : missing.map { .startChild(order("child-\(place)-\($0)", children[$0])) }
            default:
                let id = "call_\(place)_0"
                // Having been allowed to is not having done it.
                let isDone = journal.steps.contains {
                    $0.kind == .tool && $0.input["call_id"]?.string == id && $0.state == .completed
                }
                return isDone ? nil : [.callTools([call(act, id, place)])]
            }
        }

        private func order(_ name: String, _ input: JSONValue) -> ChildOrder {
            ChildOrder(name: name, kind: .probe, agent: nil, agentVersion: nil, input: input)
        }

        private func call(_ act: String, _ id: String, _ place: Int) -> ToolCall {
            let url: JSONValue = .string("\(recorder)/\(act)/\(work)/\(place)/0")
            return act == "keyed"
                ? ToolCall(id: id, name: "http_request", arguments: ["method": "POST", "url": url, "json": [:]])
                : ToolCall(id: id, name: SendOnce.toolName, arguments: ["url": url])
        }
    }

    /// A request to a service that does not know `Idempotency-Key`: sent twice, it happens twice.
    struct SendOnce: Tool {
        static let toolName = "send_once"

        struct Arguments: Codable, Sendable, FieldsDescribed {
            let url: String
            static let fields: [String: Field] = ["url": Field("Where to.")]
        }

        let http: SendHTTPRequest
        let name = Self.toolName
        let summary = "Sends a request that must not be sent twice."
        let category = ToolCategory.core
        let access = ToolAccess.outward
        let effect = ToolEffect.unsafe

        /// Says which process sends it, so that the test can end that one in the middle.
        func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
            let request: JSONValue = [
                "method": "POST", "url": .string(arguments.url), "json": [:],
                "headers": ["X-Process": .string("\(getpid())")],
            ]
            return try await http.call(request, in: context)
        }
    }
#endif
