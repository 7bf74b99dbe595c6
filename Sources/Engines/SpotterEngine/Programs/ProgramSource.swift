public import SpotterDomain

/// Makes assignments of executions that were taken from the queue: one source for each kind.
public protocol ProgramSource: Sendable {
    /// What the execution of `journal` needs to go on.
    ///
    /// - Throws: an `ExecutionError` when it never can, which ends it; anything else is tried again later.
    func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment
}

/// The kinds of executions there are, and where their programs come from.
public struct ProgramCatalog: Sendable {
    private let sources: [Execution.Kind: any ProgramSource]

    /// A catalogue of these sources; `probe` is always there.
    public init(_ sources: [Execution.Kind: any ProgramSource]) {
        self.sources = sources.merging([.probe: ProbeSource()]) { given, _ in given }
    }

    /// - Throws: as the kind's source does; an `ExecutionError` for a kind that has none here.
    func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        let kind = journal.execution.kind
        guard let source = sources[kind] else {
            throw ExecutionError(code: "unknown_kind", message: "Nothing here can run a \(kind.rawValue).")
        }
        return try await source.assignment(for: journal, in: scope)
    }
}

/// Ends at once: shows that the queue turns, and how fast.
struct ProbeSource: ProgramSource {
    private struct Probe: Program {
        func decide(_ journal: Journal) -> [Command] { [.finish(output: .object(JSONObject()), answer: nil)] }
    }

    func assignment(for journal: Journal, in scope: OrganizationScope) async throws -> Assignment {
        Assignment(
            journal: journal, program: Probe(), scope: scope, organization: nil, agent: nil, timeout: .seconds(60))
    }
}

/// Ends with an error: what an execution gets whose program cannot be made.
struct FailingProgram: Program {
    let error: ExecutionError

    func decide(_ journal: Journal) -> [Command] { [.fail(error)] }
}
