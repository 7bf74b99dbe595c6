extension ExecutionRecord {
    /// What the audit log is told by the record itself: the outcome of every call of a tool that has an effect, and what
    /// a policy denied. A step that is written again is the same entry.
    public var auditDrafts: [AuditDraft] {
        steps.compactMap { step in
            guard step.kind == .tool, let outcome = step.auditOutcome else { return nil }
            return AuditDraft(
                id: AuditEntryID(step.id.uuid), actor: execution.auditActor,
                action: "tool.\(step.name.prefix(AuditDraft.longestField))", resource: step.id.description,
                executionId: execution.id, agentId: execution.agentId, outcome: outcome,
                fields: step.input["arguments"]?.object?.keys ?? [])
        }
    }
}

extension Step {
    /// The mark of a call that the organisation's policy, or somebody asked, did not let through.
    public static let deniedMark = "denied"

    /// What the audit log says of the call; nil where there is nothing to be said: nothing was changed, or it is not known
    /// yet.
    fileprivate var auditOutcome: AuditOutcome? {
        guard state == .completed || state == .needsReview else { return nil }
        if input[Self.deniedMark] == true { return .denied }
        guard let effect, effect != .none else { return nil }
        if state == .needsReview { return .failed }
        return output?["is_error"] == true ? .failed : .done
    }
}

extension Execution {
    fileprivate var auditActor: AuditActor {
        agentId.map { AuditActor(.agent, id: $0.description) } ?? AuditActor(.system)
    }
}
