public import Foundation

/// Marks the ids of ledger lines.
public enum LedgerLineKind: IdentifierKind {
    /// Ids begin with `line_`.
    public static let prefix = "line"
}

/// The id of a ledger line, such as `line_01h…`.
public typealias LedgerLineID = Identifier<LedgerLineKind>

/// One line of an organisation's ledger: a call of a model with what it used and costs, or the correction of another
/// line. Lines are only ever added.
public struct LedgerLine: Sendable, Hashable {
    /// Never changes.
    public let id: LedgerLineID
    /// The day and the month that it counts for, in UTC.
    public let at: Date
    /// Which call it is of: a step of a journal, and the number of the call in it, from 0; nil for corrections. There
    /// is one line for a call.
    public let call: Call?
    /// For which run the call was made; nil for corrections that concern none.
    public let execution: ExecutionID?
    /// For which agent; nil if for none.
    public let agentId: AgentID?
    /// In which conversation; nil outside of one.
    public let conversationId: ConversationID?
    /// For which task; nil outside of one.
    public let taskId: WorkItemID?
    /// The workflow that it was spent for, of Spotter or of a CRM; nil outside of one.
    public let workflow: UUID?
    /// The provider's name; empty for corrections that concern none.
    public let provider: String
    /// The model as the provider knows it; empty as `provider`.
    public let model: String
    /// How the call ended; nil for corrections.
    public let outcome: CallCharge.Outcome?
    /// What it used, in Spotter's own terms; what a correction adds, which may be less than nothing.
    public let usage: TokenUsage
    /// What it used, as the provider sent it; nil where it sent nothing.
    public let rawUsage: JSONValue?
    /// Whether `usage` is Spotter's guess, because the provider did not say.
    public let isEstimate: Bool
    /// `ModelPrice.version`; nil for models without a price and for corrections.
    public let priceVersion: String?
    /// `Markup.version`; nil as `priceVersion`.
    public let markupVersion: String?
    /// What it costs: nothing for a model without a price.
    public let cost: Cost
    /// The line that this one corrects; nil for calls.
    public let corrects: LedgerLineID?
    /// Why it corrects; nil for calls.
    public let note: String?

    /// Names one call for ever.
    public struct Call: Sendable, Hashable {
        /// The step of the journal.
        public let step: StepID
        /// Which of the step's calls it is, from 0.
        public let number: Int

        /// A call of a step; the first unless said otherwise.
        public init(step: StepID, number: Int = 0) {
            self.step = step
            self.number = number
        }
    }

    /// A line as it is stored.
    public init(
        id: LedgerLineID, at: Date, call: Call?, execution: ExecutionID?, agentId: AgentID?,
        conversationId: ConversationID?, taskId: WorkItemID?, provider: String, model: String,
        outcome: CallCharge.Outcome?, usage: TokenUsage, rawUsage: JSONValue?, isEstimate: Bool,
        priceVersion: String?, markupVersion: String?, cost: Cost, corrects: LedgerLineID? = nil, note: String? = nil,
        workflow: UUID? = nil
    ) {
        self.workflow = workflow
        self.id = id
        self.at = at
        self.call = call
        self.execution = execution
        self.agentId = agentId
        self.conversationId = conversationId
        self.taskId = taskId
        self.provider = provider
        self.model = model
        self.outcome = outcome
        self.usage = usage
        self.rawUsage = rawUsage
        self.isEstimate = isEstimate
        self.priceVersion = priceVersion
        self.markupVersion = markupVersion
        self.cost = cost
        self.corrects = corrects
        self.note = note
    }

    /// The line of a call made for an execution.
    public init(_ charge: CallCharge, call: Call, of execution: Execution, id: LedgerLineID, at: Date) {
        self.init(
            id: id, at: at, call: call, execution: execution.id, agentId: execution.agentId,
            conversationId: execution.conversationId, taskId: execution.taskId, provider: charge.provider,
            model: charge.model, outcome: charge.outcome, usage: charge.usage, rawUsage: charge.rawUsage,
            isEstimate: charge.isEstimate, priceVersion: charge.quote?.price.version,
            markupVersion: charge.quote?.markup.version, cost: charge.cost ?? .zero,
            workflow: ExecutionOrigin.workflow(of: execution))
    }

    /// The same line, counted for another time.
    public func moved(to moment: Date) -> LedgerLine {
        LedgerLine(
            id: id, at: moment, call: call, execution: execution, agentId: agentId, conversationId: conversationId,
            taskId: taskId, provider: provider, model: model, outcome: outcome, usage: usage, rawUsage: rawUsage,
            isEstimate: isEstimate, priceVersion: priceVersion, markupVersion: markupVersion, cost: cost,
            corrects: corrects, note: note, workflow: workflow)
    }

    /// The correction of another line: what it adds to that line's usage and cost counts for the day of `at`.
    ///
    /// - Parameter cost: what is added; negative to give back.
    public init(
        correcting line: LedgerLine, by cost: Cost, usage: TokenUsage = TokenUsage(), note: String, id: LedgerLineID,
        at: Date
    ) {
        self.init(
            id: id, at: at, call: nil, execution: line.execution, agentId: line.agentId,
            conversationId: line.conversationId, taskId: line.taskId, provider: line.provider, model: line.model,
            outcome: nil, usage: usage, rawUsage: nil, isEstimate: false, priceVersion: nil, markupVersion: nil,
            cost: cost, corrects: line.id, note: note, workflow: line.workflow)
    }
}
