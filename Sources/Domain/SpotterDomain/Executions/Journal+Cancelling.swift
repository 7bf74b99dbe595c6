public import Foundation

extension Step {
    /// The step as the end of its execution leaves it.
    public func cancelled(at now: Date) -> Step {
        var step = self
        step.state = .failed
        step.error = ExecutionError(code: "cancelled", message: "The execution was cancelled.")
        step.completedAt = now
        return step
    }
}

extension Journal {
    /// What cancels the execution: its end, with the steps that are open; for one that runs, the request to end. Nil
    /// where there is nothing to do.
    ///
    /// What it began is another matter: its children are cancelled after it.
    ///
    /// - Parameter reason: what the log says why, if anything.
    public func cancellation(at now: Date, reason: String? = nil) -> ExecutionChange? {
        var execution = execution
        switch execution.state {
        case .completed, .failed, .cancelled: return nil
        case .running:
            guard execution.requested != .cancel else { return nil }
            execution.requested = .cancel
            return ExecutionChange(execution: execution)
        case .queued, .waiting, .paused:
            execution.state = .cancelled
            execution.completedAt = now
            execution.wakeAt = nil
            execution.currentStep = nil
            let open = steps.filter { $0.state == .started || $0.state == .waiting }
            return ExecutionChange(
                execution: execution, steps: open.map { $0.cancelled(at: now) },
                events: [
                    EventDraft(
                        .executionCancelled, execution: execution.id,
                        data: reason.map { ["reason": .string($0)] } ?? .object(JSONObject()))
                ])
        }
    }
}
