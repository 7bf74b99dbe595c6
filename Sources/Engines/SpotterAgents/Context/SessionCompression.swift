import Foundation
import SpotterDomain
import SpotterEngine

/// Makes assignments of compressions of contract sessions: the contracts as a conversation, summarised by the model of the
/// agent that was called last.
struct SessionCompression {
    let contracts: any ContractStore
    let agents: any AgentStore
    let organizations: any OrganizationStore

    /// The member of the input that names the session.
    static let member = "session"
    /// The tool that keeps a block.
    static let tool = "keep_session_block"
    private static let timeout = Duration.seconds(180)
    private static let summaryTokens = 1_000
    private static let room = 40_000

    func assignment(
        for journal: Journal, of session: String, in scope: OrganizationScope
    ) async throws -> Assignment {
        let known = try await contracts.block(ofSession: session, in: scope)
        let all = try await contracts.contracts(
            ofSession: session, limit: SessionBlock.contractsRead, in: scope)
        guard let last = all.last else {
            let message = "No call of this session has been kept that could be compressed."
            throw ExecutionError(code: "nothing_to_compress", message: message)
        }
        // What the block before covers is in it.
        let covered = known.flatMap { block in all.firstIndex { $0.id == block.throughContractId } }
        let new = covered.map { Array(all[($0 + 1)...]) } ?? all
        let organization = try await organizations.organization(in: scope)
        let agent = try? await agents.agent(last.agentId, in: scope)
        let program = SessionCompressionProgram(
            session: session, known: known, contracts: new, model: agent?.settings.model ?? "offline",
            task: SummaryTask(
                subject: .conversation, previous: known?.summary, messages: new.map(\.asMessage),
                tokens: Self.summaryTokens), room: Self.room, timeout: Self.timeout)
        return Assignment(
            journal: journal, program: program, scope: scope, organization: organization, agent: nil,
            tools: [Self.tool], timeout: Self.timeout)
    }
}

/// Asks a model for the summary, picks one without a model where none can write it, has it kept, and ends.
struct SessionCompressionProgram: Program {
    let session: String
    /// The block that there was before.
    let known: SessionBlock?
    /// What it does not cover.
    let contracts: [Contract]
    let model: String
    let task: SummaryTask
    let room: Int
    let timeout: Duration

    /// Answers of agents may be anybody's words.
    var past: RunPast { RunPast(isOfUnknownOrigin: true) }

    func decide(_ journal: Journal) -> [Command] {
        if let kept = journal.step(named: SessionCompression.tool), kept.state == .completed {
            guard let result = try? kept.output?.decodedUnchecked(as: ToolResult.self), !result.isError else {
                return [
                    .fail(.init(code: "block_not_kept", message: "The block could not be kept.", isTransient: true))
                ]
            }
            return [.finish(output: result.output, answer: nil)]
        }
        guard let last = contracts.last else {
            let block = known.flatMap { try? JSONValue(encoding: $0) } ?? .null
            return [.finish(output: block, answer: nil)]
        }
        let written = journal.step(named: "summary")
        if written == nil, model != "offline" {
            let request = task.request(model: model, room: room, timeout: timeout)
            return [.callModel(request, name: "summary")]
        }
        if written?.state == .started { return [] }
        let response = try? written?.output?.decodedUnchecked(as: ModelResponse.self)
        // The offline model makes no summaries, only answers.
        let text = response.flatMap { $0.provider == "offline" ? nil : task.cut($0.message.text) } ?? ""
        var block = JSONObject()
        block["session_id"] = .string(session)
        block["summary"] = .string(text.isEmpty ? task.extract : text)
        block["method"] = .string((text.isEmpty ? SummaryMethod.extractive : .model).rawValue)
        if !text.isEmpty { block["model"] = .string(model) }
        block["contracts"] = .int(Int64((known?.contracts ?? 0) + contracts.count))
        block["through_contract_id"] = .string(last.id.description)
        block["execution_id"] = .string(journal.execution.id.description)
        return [.callTools([ToolCall(id: "keep", name: SessionCompression.tool, arguments: .object(block))])]
    }
}
