public import SpotterDomain
public import SpotterEngine

/// A program that a test has written.
public struct ScriptedProgram: Program {
    private let decision: @Sendable (Journal) -> [Command]

    /// A program that decides by `decision`.
    public init(_ decision: @escaping @Sendable (Journal) -> [Command]) { self.decision = decision }

    /// One stage after the other; a stage is over when all its steps have ended. A step that fails fails the execution
    /// with its error. At the end it finishes with what the last stage's steps gave.
    public init(stages: [[Stage]]) {
        self.init { journal in
            for stage in stages {
                let steps = stage.map { journal.step(of: $0) }
                if let error = steps.compactMap({ $0?.state == .failed ? $0?.error : nil }).first {
                    return [.fail(error)]
                }
                let missing = zip(stage, steps).filter {
                    $1 == nil || $1?.state == .started || $1?.state == .needsReview
                }
                if !missing.isEmpty { return Self.commands(for: missing.map(\.0)) }
                if steps.contains(where: { $0?.state == .waiting }) { return [] }
            }
            let outputs = (stages.last ?? []).compactMap { journal.step(of: $0)?.output }
            return [.finish(output: .array(outputs), answer: nil)]
        }
    }

    private static func commands(for stages: [Stage]) -> [Command] {
        let calls = stages.compactMap { if case .tool(let call) = $0 { call } else { nil } }
        let others: [Command] = stages.compactMap { stage in
            switch stage {
            case .tool: nil
            case .model(let name):
                .callModel(ModelRequest(model: "scripted", system: "", messages: [.user(name)]), name: name)
            case .wait(let wait, let name): .wait(wait, name: name)
            case .child(let order): .startChild(order)
            }
        }
        return others + (calls.isEmpty ? [] : [.callTools(calls)])
    }

    /// One step of a script.
    public enum Stage: Sendable {
        /// Calls the model.
        case model(String)
        /// Calls a tool.
        case tool(ToolCall)
        /// Waits.
        case wait(Wait, name: String)
        /// Begins another execution.
        case child(ChildOrder)
    }

    /// Decides as it is written.
    public func decide(_ journal: Journal) -> [Command] { decision(journal) }
}

extension Journal {
    fileprivate func step(of stage: ScriptedProgram.Stage) -> Step? {
        switch stage {
        case .model(let name), .wait(_, let name): step(named: name)
        case .child(let order): step(named: order.name)
        case .tool(let call):
            steps.last { $0.kind == .tool && $0.state != .superseded && $0.input["call_id"]?.string == call.id }
        }
    }
}

/// Gives every execution the program that a test has written.
public struct ScriptedSource: ProgramSource {
    private let organization: Organization
    private let tools: [String]
    private let timeout: Duration
    private let limits: AgentLimits?
    private let program: @Sendable (Journal) throws -> any Program

    /// - Parameters:
    ///   - tools: what the programs may call.
    ///   - limits: those of the agent.
    ///   - program: for the execution of a journal; what it throws, the source throws.
    public init(
        of organization: Organization, tools: [String], timeout: Duration = .seconds(300),
        limits: AgentLimits? = nil,
        program: @escaping @Sendable (Journal) throws -> any Program
    ) {
        self.organization = organization
        self.tools = tools
        self.timeout = timeout
        self.limits = limits
        self.program = program
    }

    /// An assignment of the program.
    public func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let created = journal.execution.createdAt
        let settings = AgentSettings(
            name: "Agent", description: "", systemPrompt: "", model: "scripted", tools: tools,
            limits: limits)
        let agent = Agent(
            id: Identifier(journal.execution.id.uuid), version: 1, settings: settings, createdAt: created,
            updatedAt: created)
        return Assignment(
            journal: journal, program: try program(journal), scope: scope, organization: organization, agent: agent,
            timeout: timeout)
    }
}
