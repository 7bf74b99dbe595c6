import Foundation
import PostgresKit
import SpotterDomain

/// A reservation as `app.book` reads it. Amounts are text: a JSON number might pass through a float.
struct ReservationRow: Encodable {
    let stepId: UUID
    let callNumber: Int
    let lineId: UUID
    let executionId: UUID
    let attempt: Int
    let agentId: UUID?
    let conversationId: UUID?
    let taskId: UUID?
    let workflowId: UUID?
    let provider: String
    let model: String
    let inputTokens: Int
    let outputTokens: Int
    let cacheWriteTokens: Int
    let leastTokens: Int
    let priceVersion: String?
    let markupVersion: String?
    /// What the input costs at most, and each token of the answer, without the markup.
    let question: String
    let perToken: String
    let percent: String
    let currency: String
    let capId: UUID?
    let capAmount: String?
    let capTokens: Int?
    let capAbout: JSONValue?

    init(_ reservation: Reservation) {
        stepId = reservation.call.step.uuid
        callNumber = reservation.call.number
        lineId = reservation.line.uuid
        executionId = reservation.execution.uuid
        attempt = reservation.attempt
        agentId = reservation.agentId?.uuid
        conversationId = reservation.conversationId?.uuid
        taskId = reservation.taskId?.uuid
        workflowId = reservation.workflow
        provider = reservation.provider
        model = reservation.model
        inputTokens = reservation.inputTokens
        outputTokens = reservation.outputTokens
        cacheWriteTokens = reservation.cacheWriteTokens
        leastTokens = reservation.leastOutputTokens
        priceVersion = reservation.quote?.price.version
        markupVersion = reservation.quote?.markup.version
        question = "\(reservation.cost(answering: 0).base.amount)"
        perToken = "\(reservation.quote?.cost(of: TokenUsage(outputTokens: 1)).base.amount ?? 0)"
        percent = "\(reservation.quote?.markup.percent ?? 0)"
        currency = reservation.quote?.price.currency ?? Cost.zero.billed.currency
        capId = reservation.cap?.id.uuid
        capAmount = reservation.cap?.limit.map { "\($0.amount)" }
        capTokens = reservation.cap?.tokens
        // What does not change with time is all that is asked of it.
        capAbout = reservation.cap?.budget(of: reservation.execution, at: Date(timeIntervalSince1970: 0)).about
    }
}

/// A call whose reservation is given up, as `app.book` reads it.
struct ReleaseRow: Encodable {
    let stepId: UUID
    let callNumber: Int
    let executionId: UUID
    let agentId: UUID?
    let taskId: UUID?

    init(_ call: LedgerLine.Call, of execution: Execution) {
        stepId = call.step.uuid
        callNumber = call.number
        executionId = execution.id.uuid
        agentId = execution.agentId?.uuid
        taskId = execution.taskId?.uuid
    }
}

extension ReservationVerdict {
    /// Reads the columns of `app.book`.
    init(_ row: Row) throws {
        if let tokens: Int = try row.get(2) {
            self = .granted(outputTokens: tokens)
            return
        }
        let currency: String = try row.get(7)
        self = .refused(
            BudgetRefusal(
                reason: try row.named(3), scope: try row.get(4), period: try row.named(5),
                limit: try (row.get(6) as Decimal?).map { Money($0, currency) }, tokens: try row.get(8),
                spent: Money(try row.get(9), currency), spentTokens: try row.get(10)))
    }
}

extension Budget {
    /// Reads the columns in the order of `BudgetSQL.select`.
    init(_ row: Row) throws {
        let currency: String = try row.get(6)
        let scope: String = try row.get(1)
        let subject: Subject =
            switch scope {
            case "agent": .agent(try row.id(2))
            case "task": .task(try row.id(2))
            case "execution": .execution(try row.id(2))
            default: .organization
            }
        self.init(
            id: try row.id(0), subject: subject, period: try row.named(3),
            limit: try (row.get(4) as Decimal?).map { Money($0, currency) }, tokens: try row.get(5),
            source: try row.named(7), periodStart: try row.get(8), spent: Money(try row.get(9), currency),
            spentTokens: try row.get(10), reserved: Money(try row.get(11), currency),
            reservedTokens: try row.get(12), isWarned: try row.get(13), isReached: try row.get(14),
            createdAt: try row.get(15), updatedAt: try row.get(16))
    }
}
