import Foundation
import SpotterDomain

/// What calls of models used and cost, as the API shows it.
struct UsageResource: Codable, Sendable {
    let from: Date?
    let to: Date?
    let lines: Int
    let usage: TokenUsage
    let cost: Cost
    let groupBy: UsageGrouping?
    let breakdown: [Part]

    /// Lines that have something in common.
    struct Part: Codable, Sendable {
        let key: String?
        let lines: Int
        let usage: TokenUsage
        let cost: Cost

        init(_ sum: UsageSum) { (key, lines, usage, cost) = (sum.key, sum.lines, sum.usage, sum.cost) }
    }

    init(_ summary: UsageSummary, _ filter: LedgerFilter, by grouping: UsageGrouping?) {
        (from, to, groupBy) = (filter.from, filter.until, grouping)
        (lines, usage, cost) = (summary.total.lines, summary.total.usage, summary.total.cost)
        breakdown = summary.groups.map(Part.init)
    }
}

/// Months that are past and the present one.
struct UsageHistoryResource: Codable, Sendable {
    let data: [Month]

    /// What a month came to so far.
    struct Month: Codable, Sendable {
        let month: String
        let lines: Int
        let usage: TokenUsage
        let cost: Cost
    }
}

/// The list of prices.
struct PricingResource: Codable, Sendable {
    let data: [ModelPrice]
}

/// A month's statement with a page of its lines.
struct MonthResource: Codable, Sendable {
    let month: String
    let state: State
    let closedAt: Date?
    let lines: Int
    let usage: TokenUsage
    let cost: Cost
    let agents: [UsageResource.Part]
    let models: [UsageResource.Part]
    let entries: ListResource<LineResource>

    enum State: String, Codable, Sendable, CaseIterable, SchemaDescribed { case open, closed }
}

/// A line of the ledger as the API shows it.
struct LineResource: Codable, Sendable {
    let id: LedgerLineID
    let at: Date
    let outcome: CallCharge.Outcome?
    let executionId: ExecutionID?
    let stepId: StepID?
    let agentId: AgentID?
    let conversationId: ConversationID?
    let taskId: WorkItemID?
    let provider: String
    let model: String
    let usage: TokenUsage
    let rawUsage: JSONValue?
    let isEstimate: Bool
    let priceVersion: String?
    let markupVersion: String?
    let cost: Cost
    let corrects: LedgerLineID?
    let note: String?

    init(_ line: LedgerLine) {
        (id, at, outcome) = (line.id, line.at, line.outcome)
        (executionId, stepId, agentId) = (line.execution, line.call?.step, line.agentId)
        (conversationId, taskId, provider, model) = (line.conversationId, line.taskId, line.provider, line.model)
        (usage, rawUsage, isEstimate) = (line.usage, line.rawUsage, line.isEstimate)
        (priceVersion, markupVersion, cost) = (line.priceVersion, line.markupVersion, line.cost)
        (corrects, note) = (line.corrects, line.note)
    }
}
