import Foundation
import SpotterDomain

/// Somebody who gives an organisation's agents work, one piece after the other, and remembers what was promised.
struct Customer: Sendable {
    /// No two customers of a run have the same.
    let name: String
    let seed: UInt64
    let api: APIClient
    let ledger: Ledger
    /// By the provider's wire format.
    let agents: [String]
    /// Where work is put that no request of the API asks for.
    let stage: Stage

    /// What somebody may want.
    private enum Wish: CaseIterable {
        case task, later, chain, cancelled, paused, hopeless, chat, streamedChat, question, once, ambush,
            family, orphans

        /// What is wanted again. An ambush takes a process with it, and whatever that was doing: three times is the end
        /// of the innocent.
        static let again = allCases.filter { $0 != .hopeless && $0 != .ambush }
    }

    /// Wants one thing after the other until the time is over, and follows the last one to its end.
    func run(until end: ContinuousClock.Instant) async throws {
        var dice = Dice(seed: seed, for: name)
        // The first wishes are one of each, so that even a short run has seen them all.
        var wishes = Wish.allCases.shuffled(using: &dice)
        var number = 0
        while ContinuousClock.now < end {
            number += 1
            let wish = wishes.popLast() ?? Wish.again.randomElement(using: &dice) ?? .task
            do {
                try await fulfil(wish, "\(name)-\(number)", &dice)
            } catch let error as APIClient.Unanswered {
                ledger.miss(error.description)
            }
            try await Task.sleep(for: dice.milliseconds(20...250))
        }
    }

    private func fulfil(_ wish: Wish, _ work: String, _ dice: inout Dice) async throws {
        let agent = agents.randomElement(using: &dice) ?? ""
        let script = Script.draw(work: work, &dice)
        let isRepeated = dice.chance(20)
        let pause = dice.milliseconds(0...1_500)
        switch wish {
        case .task: try await run(script, by: agent, isRepeated: isRepeated)
        case .later: try await run(script, by: agent, isRepeated: isRepeated, after: .seconds(2) + pause)
        case .chain:
            guard let first = try await run(script, by: agent, isRepeated: false) else { return }
            let second = Script(work: work + "-next", turns: [.init(act: .keyed), .init(act: .answer)])
            try await run(second, by: agent, isRepeated: isRepeated, dependingOn: first)
        case .cancelled:
            try await run(script, by: agent, isRepeated: false) { execution in
                try await Task.sleep(for: pause)
                return try await control(execution, "cancel", work)
            }
        case .paused:
            try await run(script, by: agent, isRepeated: false) { execution in
                _ = try await control(execution, "pause", work)
                try await Task.sleep(for: pause)
                return try await control(execution, "resume", work)
            }
        case .hopeless:
            try await run(Script(work: work, turns: [.init(act: .hopeless)]), by: agent, isRepeated: false)
        case .question: try await rehearse([.question, .keyed], work, &dice)
        case .once: try await rehearse([.once, .keyed], work, &dice)
        case .ambush: try await rehearse([.ambush, .question], work, &dice)
        case .family: try await rehearse([.children, .once], work, &dice)
        case .orphans: try await abandon(work, after: pause)
        case .chat: try await chat(script, with: agent, isStreaming: false)
        case .streamedChat: try await chat(script, with: agent, isStreaming: true)
        }
    }

    // MARK: Tasks

    /// What has been begun.
    struct Begun: Sendable {
        let task: String
        let execution: String
    }

    /// Creates a task and runs it.
    ///
    /// - Parameter whileRunning: done once it is promised, says whether it was cancelled.
    /// - Returns: nil where nothing was promised.
    @discardableResult
    func run(
        _ script: Script, by agent: String, isRepeated: Bool, after delay: Duration? = nil,
        dependingOn first: Begun? = nil, whileRunning: ((String) async throws -> Bool)? = nil
    ) async throws -> Begun? {
        var settings: JSONValue = [
            "title": .string(script.text), "agent_id": .string(agent), "max_attempts": 5, "backoff_ms": 200,
        ]
        if let first { settings = settings.merging(patch: ["depends_on": [.string(first.task)]]) }
        let created = try await api.insist("POST", "/v1/tasks", settings, key: "create-\(script.work)")
        let task = try created.field("id", expecting: 201)
        var order: JSONValue = [:]
        if let delay {
            let seconds = delay / .seconds(1)
            order = ["run_at": .string(Timestamp.string(from: .now.addingTimeInterval(seconds)))]
        }
        let (path, key) = ("/v1/tasks/\(task)/execute", "execute-\(script.work)")
        let ordered = try await api.insist("POST", path, order, key: key)
        // Its time had passed before the order came through: then nothing was promised.
        if delay != nil, ordered.status == 400 { return nil }
        let execution = try ordered.field("execution_id", expecting: 202)
        var accepted = Accepted(script: script, door: .task(task), execution: execution, dependsOn: first?.execution)
        if isRepeated {
            let again = try await api.insist("POST", path, order, key: key)
            accepted.repeated = [try again.field("execution_id", expecting: 202)]
        }
        do {
            if let whileRunning { accepted.wasCancelled = try await whileRunning(execution) }
        } catch {
            ledger.accept(accepted)
            throw error
        }
        ledger.accept(accepted)
        return Begun(task: task, execution: execution)
    }

    /// - Returns: whether it was a cancellation that was acknowledged.
    func control(_ execution: String, _ verb: String, _ work: String) async throws -> Bool {
        let answer = try await api.insist("POST", "/v1/executions/\(execution)/\(verb)", [:], key: "\(verb)-\(work)")
        // It may have ended before.
        guard answer.status == 200 || answer.status == 409 else {
            throw APIClient.Unanswered(description: "\(verb) \(execution): \(answer.status) \(answer.text)")
        }
        return verb == "cancel" && answer.status == 200
    }

    // MARK: Conversations

    /// A turn in a conversation of its own; said again until it is known how it ended.
    private func chat(_ script: Script, with agent: String, isStreaming: Bool) async throws {
        let opened = try await api.insist(
            "POST", "/v1/conversations", ["agent_id": .string(agent)], key: "open-\(script.work)")
        let conversation = try opened.field("id", expecting: 201)
        let answer = try await api.insist(
            "POST", "/v1/conversations/\(conversation)/messages",
            ["content": .string(script.text), "stream": .bool(isStreaming)], key: "say-\(script.work)"
        ) { answer in
            // A stream that was cut has not said how it ended.
            guard answer.status == 200, answer.text.contains("event: ") else { return true }
            return ExecutionEntry.ends.contains { answer.text.contains("event: execution.\($0)\n") }
        }
        let execution = answer.json["execution_id"]?.string
        ledger.accept(Accepted(script: script, door: .conversation(conversation), execution: execution))
    }
}

extension APIClient.Answer {
    /// A text of the answer.
    func field(_ name: String, expecting expected: Int) throws -> String {
        guard status == expected, let text = json[name]?.string else {
            throw APIClient.Unanswered(description: "\(expected) with \(name) was expected, not \(status) \(text)")
        }
        return text
    }
}
