import Foundation
import PostgresKit
import SpotterDomain

/// A ledger line as `json_to_recordset` reads it. Amounts are text: a JSON number might pass through a float.
struct LedgerRow: Encodable {
    let id: UUID
    let at: Date
    let stepId: UUID?
    let callNumber: Int?
    let executionId: UUID?
    let agentId: UUID?
    let conversationId: UUID?
    let taskId: UUID?
    let workflowId: UUID?
    let provider: String
    let model: String
    let outcome: String?
    let inputTokens: Int
    let outputTokens: Int
    let cacheReadTokens: Int
    let cacheWriteTokens: Int
    let reasoningTokens: Int
    let modelCalls: Int
    let rawUsage: JSONValue?
    let isEstimate: Bool
    let priceVersion: String?
    let markupVersion: String?
    let base: String
    let markup: String
    let billed: String
    let currency: String
    let corrects: UUID?
    let note: String?

    init(_ line: LedgerLine) {
        id = line.id.uuid
        at = line.at
        stepId = line.call?.step.uuid
        callNumber = line.call?.number
        executionId = line.execution?.uuid
        agentId = line.agentId?.uuid
        conversationId = line.conversationId?.uuid
        taskId = line.taskId?.uuid
        workflowId = line.workflow
        provider = line.provider
        model = line.model
        outcome = line.outcome?.rawValue
        inputTokens = line.usage.inputTokens
        outputTokens = line.usage.outputTokens
        cacheReadTokens = line.usage.cacheReadTokens
        cacheWriteTokens = line.usage.cacheWriteTokens
        reasoningTokens = line.usage.reasoningTokens
        modelCalls = line.usage.modelCalls
        rawUsage = line.rawUsage
        isEstimate = line.isEstimate
        priceVersion = line.priceVersion
        markupVersion = line.markupVersion
        base = "\(line.cost.base.amount)"
        markup = "\(line.cost.markup.amount)"
        billed = "\(line.cost.billed.amount)"
        currency = line.cost.billed.currency
        corrects = line.corrects?.uuid
        note = line.note.map(StorableText.text)
    }
}

extension LedgerLine {
    /// Reads the columns in the order of `LedgerSQL.select`.
    init(_ row: Row) throws {
        let currency: String = try row.get(25)
        let number: Int? = try row.get(3)
        self.init(
            id: try row.id(0), at: try row.get(1),
            call: try (row.optionalID(2) as StepID?).flatMap { step in number.map { Call(step: step, number: $0) } },
            execution: try row.optionalID(4), agentId: try row.optionalID(5), conversationId: try row.optionalID(6),
            taskId: try row.optionalID(7), provider: try row.get(8), model: try row.get(9),
            outcome: try row.optionallyNamed(10),
            usage: TokenUsage(
                inputTokens: try row.get(11), outputTokens: try row.get(12), cacheReadTokens: try row.get(13),
                cacheWriteTokens: try row.get(14), reasoningTokens: try row.get(15), modelCalls: try row.get(16)),
            rawUsage: try row.optionalJSON(17), isEstimate: try row.get(18), priceVersion: try row.get(19),
            markupVersion: try row.get(20),
            cost: Cost(
                base: Money(try row.get(22), currency), markup: Money(try row.get(23), currency),
                billed: Money(try row.get(24), currency)),
            corrects: try row.optionalID(21), note: try row.get(26), workflow: try row.get(27))
    }
}

extension ModelPrice {
    /// Reads the columns in the order of `LedgerSQL.selectPrices`.
    init(_ row: Row) throws {
        self.init(
            model: try row.get(1), provider: try row.get(0), inputPerMillion: try row.get(2),
            outputPerMillion: try row.get(3), cacheReadPerMillion: try row.get(4),
            cacheWritePerMillion: try row.get(5), currency: try row.get(6), validFrom: try row.get(7))
    }
}

extension Markup {
    /// Reads the columns in the order of `LedgerSQL.selectMarkups`.
    init(_ row: Row) throws {
        self.init(plan: try row.optionallyNamed(0), percent: try row.get(1), validFrom: try row.get(2))
    }
}

/// A price as `json_to_recordset` reads it.
struct PriceRow: Encodable {
    let version: String
    let provider: String
    let model: String
    let inputPerMillion: String
    let outputPerMillion: String
    let cacheReadPerMillion: String?
    let cacheWritePerMillion: String?
    let currency: String
    let validFrom: Date

    init(_ price: ModelPrice) {
        version = price.version
        provider = price.provider
        model = price.model
        inputPerMillion = "\(price.inputPerMillion)"
        outputPerMillion = "\(price.outputPerMillion)"
        cacheReadPerMillion = price.cacheReadPerMillion.map { "\($0)" }
        cacheWritePerMillion = price.cacheWritePerMillion.map { "\($0)" }
        currency = price.currency
        validFrom = price.validFrom
    }
}

/// A markup as `json_to_recordset` reads it.
struct MarkupRow: Encodable {
    let version: String
    let plan: String?
    let percent: String
    let validFrom: Date

    init(_ markup: Markup) {
        version = markup.version
        plan = markup.plan?.rawValue
        percent = "\(markup.percent)"
        validFrom = markup.validFrom
    }
}
