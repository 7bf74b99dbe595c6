public import Foundation

/// What a step of kind `approval` was asked with.
private struct AskedDocument: Codable {
    let message: String
    let tool: String?
    let callId: String?
    let arguments: JSONValue?
    let argumentsHash: String
    let approvers: [Approver]
    let mode: ApprovalMode
    let onTimeout: Approval.Timeout
    let until: Date?
    let remindAt: Date?
    let escalation: Approval.Escalation?
}

/// What a step of kind `approval` holds of what was said, also while it waits for more.
private struct SaidDocument: Codable {
    let state: Approval.State
    let approved: Bool
    let decisions: [Approval.Decision]
    let reminded: Bool?
    let escalated: Bool?
}

extension ApprovalOrder {
    /// The input of the step that asks.
    public func input(hash: String, at now: Date) throws -> JSONValue {
        try JSONValue(
            encoding: AskedDocument(
                message: message, tool: call?.name, callId: call?.id, arguments: call?.arguments, argumentsHash: hash,
                approvers: terms.approvers, mode: terms.mode, onTimeout: terms.onTimeout,
                until: terms.timeout.map { now.addingTimeInterval($0 / .seconds(1)) },
                remindAt: terms.reminder.map { now.addingTimeInterval($0 / .seconds(1)) },
                escalation: terms.escalation.map {
                    .init(at: now.addingTimeInterval($0.after / .seconds(1)), to: $0.to)
                }))
    }
}

extension Approval {
    /// The approval that a step is; nil for any other step, and for one that cannot be read.
    public init?(_ step: Step, of execution: ExecutionID) {
        guard step.kind == .approval, let asked = try? step.input.decodedUnchecked(as: AskedDocument.self) else {
            return nil
        }
        let said = try? step.output?.decodedUnchecked(as: SaidDocument.self)
        let state: State =
            switch step.state {
            case .waiting, .started: .pending
            case .completed: said?.state ?? .expired
            // Who asked has ended before anybody answered, or asks anew.
            case .failed, .superseded, .needsReview: .expired
            }
        self.init(
            id: ApprovalID(step.id.uuid), execution: execution, message: asked.message, tool: asked.tool,
            arguments: asked.arguments, argumentsHash: asked.argumentsHash, approvers: asked.approvers,
            mode: asked.mode, state: state, createdAt: step.startedAt, expiresAt: asked.until,
            onTimeout: asked.onTimeout, decisions: said?.decisions ?? [],
            decidedAt: state == .pending ? nil : step.completedAt)
        remindAt = asked.remindAt
        escalation = asked.escalation
        isReminded = said?.reminded ?? false
        isEscalated = said?.escalated ?? false
    }

    /// The step of a journal that the approval is.
    public var step: StepID { StepID(id.uuid) }

    /// `step` with what the approval has come to: approved and rejected are ends that a program goes on with, expired is a
    /// failure.
    public func entered(in step: Step) throws -> Step {
        var step = step
        step.output = try JSONValue(
            encoding: SaidDocument(
                state: state, approved: state == .approved, decisions: decisions, reminded: isReminded ? true : nil,
                escalated: isEscalated ? true : nil))
        guard state != .pending else { return step }
        step.state = state == .expired ? .failed : .completed
        if state == .expired {
            step.error = ExecutionError(code: "approval_expired", message: "Nobody decided in time.")
        }
        step.completedAt = decidedAt
        return step
    }

    /// What the readers of the log are told.
    public func event(_ type: EventType) -> EventDraft {
        var data = JSONObject()
        data["approval_id"] = .string(id.description)
        data["message"] = .string(message)
        data["state"] = .string(state.rawValue)
        data["tool"] = tool.map(JSONValue.string)
        data["arguments"] = arguments
        data["arguments_hash"] = .string(argumentsHash)
        data["approvers"] = .array(deciders(at: .distantPast).map { .string($0.description) })
        data["expires_at"] = expiresAt.map { .string(Timestamp.string(from: $0)) }
        if let last = decisions.last, type == .approvalDecided {
            data["approved"] = .bool(last.approved)
            data["by"] = .string(last.subject)
            data["comment"] = last.comment.map(JSONValue.string)
        }
        return EventDraft(type, execution: execution, data: .object(data))
    }
}

extension Step {
    /// The call of a tool that a step of kind `approval` asks about; nil for any other.
    public var askedCall: String? { kind == .approval ? input["call_id"]?.string : nil }
}
