import Foundation
import SpotterDomain

// The turns of conversations: whose it is, who waits, and who comes next.
extension OrganizationRecords {
    /// Begins a turn, or puts it in line.
    mutating func begin(_ opening: TurnOpening, worker: WorkerID, at clock: Date) throws -> TurnStart {
        let execution = opening.execution
        try insert(opening.receipt)
        guard execution.takesTurns, let id = execution.conversationId else {
            try insert(execution, worker: worker, at: clock)
            if let message = opening.message, !append(message) { throw SpotterError.notFound("conversation") }
            return TurnStart(events: append(opening.events, at: execution.createdAt), isInLine: false)
        }
        guard var talk = conversations[id] else { throw SpotterError.notFound("conversation") }
        if let holder = talk.floor.flatMap({ executions[$0]?.execution }), !holder.state.isTerminal {
            return try enterLine(opening, behind: holder, at: clock)
        }
        try talk.requireLast(opening.replacing)
        try insert(execution, worker: worker, at: clock)
        talk.floor = execution.id
        conversations[id] = talk
        if let message = opening.message { _ = append(message) }
        return TurnStart(events: append(opening.events, at: execution.createdAt), isInLine: false)
    }

    private mutating func enterLine(
        _ opening: TurnOpening, behind holder: Execution, at clock: Date
    ) throws -> TurnStart {
        guard let message = opening.message else { throw TurnLine.isAnswering }
        if holder.state == .waiting || holder.state == .paused { throw TurnLine.isHeldUp(by: holder.id) }
        let id = message.conversationId
        guard (conversations[id]?.line.count ?? 0) < TurnLine.longest else { throw TurnLine.isFull }
        let execution = opening.execution.putInLine
        try insert(execution, worker: nil, at: clock)
        conversations[id]?.line.append(message)
        conversations[id]?.conversation.version += 1
        conversations[id]?.conversation.updatedAt = message.createdAt
        conversations[id]?.conversation.lastMessageAt = message.createdAt
        return TurnStart(events: append([execution.lineEvent], at: execution.createdAt), isInLine: true)
    }

    /// A turn that had ended and goes on takes its turn again.
    mutating func takeFloor(_ execution: Execution) throws {
        guard execution.takesTurns, let id = execution.conversationId, let talk = conversations[id] else { return }
        let holder = talk.floor.flatMap { executions[$0]?.execution }
        guard holder?.id == execution.id || holder?.state.isTerminal ?? true else { throw TurnLine.isAnswering }
        try talk.requireLast(execution.replacedAnswer)
        conversations[id]?.floor = execution.id
    }

    /// Lets the next turns begin of the conversations in which one has ended. Returns those that are ready now.
    mutating func passOn(after ended: [Execution], at clock: Date) -> [ExecutionID] {
        var released: [ExecutionID] = []
        for execution in ended where execution.takesTurns {
            guard let id = execution.conversationId, var talk = conversations[id] else { continue }
            talk.line.removeAll { $0.executionId == execution.id }
            if let holder = talk.floor.flatMap({ executions[$0]?.execution }), holder.state.isTerminal {
                talk.floor = nil
                if !talk.line.isEmpty {
                    let next = talk.line.removeFirst()
                    talk.messages.append(next)
                    talk.floor = next.executionId
                }
            }
            let next = talk.floor
            conversations[id] = talk
            guard let next, executions[next]?.execution.isInLine ?? false else { continue }
            executions[next]?.makeReady(at: clock)
            released.append(next)
        }
        return released
    }
}

extension OrganizationRecords.StoredConversation {
    /// Fails unless the answer, if there is one, is what was said last.
    fileprivate func requireLast(_ answer: MessageID?) throws {
        guard let answer, messages.last(where: { $0.replacedBy == nil })?.id != answer else { return }
        throw TurnLine.isNotLast
    }
}
