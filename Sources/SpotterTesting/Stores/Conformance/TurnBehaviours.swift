import Foundation
import SpotterDomain

/// A conversation with somebody who works on its turns.
private struct Talk: Sendable {
    let gym: TestOrganization
    let agent: Agent
    let conversation: Conversation
    let worker: WorkerID

    init(_ stores: StoreSet, worker lease: Duration = .seconds(3_600)) async throws {
        gym = try await TestOrganization.make(in: stores)
        agent = try await gym.agent(named: "Coach")
        conversation = try await gym.conversation(with: agent)
        worker = try await gym.worker(lease: lease)
    }

    func ask(_ text: String, crashes: Int = 0) async throws -> (run: Execution, start: TurnStart) {
        let run = gym.turn(of: conversation, with: agent, crashes: crashes)
        return (run, try await gym.ask(text, run, in: conversation, worker: worker))
    }

    func said(includesReplaced: Bool = false) async throws -> [String] {
        try await gym.stores.conversations.messages(
            of: conversation.id, includesReplaced: includesReplaced, PageRequest(limit: 200), in: gym.scope
        ).items.map(\.content)
    }

    func states(_ runs: Execution...) async throws -> [ExecutionState] {
        var states: [ExecutionState] = []
        for run in runs { states.append(try await gym.stores.executions.execution(run.id, in: gym.scope).state) }
        return states
    }

    /// Begins to give an answer anew.
    func anew(_ answer: MessageID) async throws -> Execution {
        var run = gym.turn(of: conversation, with: agent)
        run = Execution(
            id: run.id, kind: .message, state: .running, attempt: 1, conversationId: conversation.id,
            agentId: agent.id, agentVersion: agent.version, input: ["replaces": .string(answer.description)],
            createdAt: run.createdAt, startedAt: run.startedAt)
        _ = try await gym.stores.executions.begin(
            TurnOpening(run, replacing: answer, events: [], receipt: nil), worker: worker, in: gym.scope)
        return run
    }

    /// Lets a turn that has failed go on.
    func retry(_ run: Execution) async throws {
        _ = try await gym.stores.executions.change(run.id, at: TestOrganization.start, in: gym.scope) {
            var execution = $0.execution
            execution.state = .queued
            execution.completedAt = nil
            return ExecutionChange(execution: execution)
        }
    }

    /// The id of the last message.
    func last() async throws -> MessageID {
        let page = try await gym.stores.conversations.messages(
            of: conversation.id, PageRequest(limit: 200), in: gym.scope)
        return try unwrap(page.items.last?.id)
    }
}

extension StoreConformance {
    static let turns: [StoreBehaviour] = turnOrder + turnEnds + answersAnew

    private static let turnOrder: [StoreBehaviour] = [
        StoreBehaviour("turns of a conversation begin one at a time, in the order in which they were accepted") {
            stores in
            let talk = try await Talk(stores)
            let first = try await talk.ask("1")
            let second = try await talk.ask("2")
            let third = try await talk.ask("3")
            try requireEqual([first, second, third].map(\.start.isInLine), [false, true, true])
            try requireEqual(second.start.events.map(\.type), ["execution.queued"])
            try requireEqual(try await talk.states(first.run, second.run, third.run), [.running, .waiting, .waiting])
            let waiting = try await stores.executions.execution(second.run.id, in: talk.gym.scope)
            try require(waiting.isInLine, "it does not say that it waits")
            try requireEqual(waiting.startedAt, nil)
            // What waits has no place yet: between a question and its answer there is nothing.
            try requireEqual(try await talk.said(), ["1"])
            let report = try await talk.gym.end(first.run, saying: "one")
            try requireEqual(report.released, [second.run.id])
            try requireEqual(try await talk.said(), ["1", "one", "2"])
            try requireEqual(try await talk.states(second.run, third.run), [.queued, .waiting])
            try requireEqual(try await stores.queue.statistics(in: talk.gym.scope).ready, 1)
            // Another conversation has turns of its own.
            let elsewhere = try await talk.gym.conversation(with: talk.agent)
            let other = talk.gym.turn(of: elsewhere, with: talk.agent)
            try require(
                try await !talk.gym.ask("x", other, in: elsewhere, worker: talk.worker).isInLine, "it waits for others")
        },
        StoreBehaviour("of many messages at once each is accepted once, and they are said in the log's order") {
            stores in
            let talk = try await Talk(stores)
            let accepted = try await withThrowingTaskGroup(of: (position: Int64, text: String, run: Execution).self) {
                group in
                for number in 0..<25 {
                    group.addTask {
                        let asked = try await talk.ask("\(number)")
                        return (try unwrap(asked.start.events.first).position, "\(number)", asked.run)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }.sorted { $0.position < $1.position }
            var said: [String] = []
            for (place, turn) in accepted.enumerated() {
                try requireEqual(try await talk.states(turn.run), [place == 0 ? .running : .queued])
                // Ended by somebody before a worker took it.
                try await talk.gym.end(turn.run.id, .cancelled)
                said.append(turn.text)
                try requireEqual(try await talk.said().prefix(place + 1).map(\.self), said)
            }
            try require(try await !talk.ask("last").start.isInLine, "the line is not empty")
        },
        StoreBehaviour("who is refused for the line leaves nothing behind") { stores in
            let talk = try await Talk(stores)
            let first = try await talk.ask("1")
            var paused = first.run
            paused.state = .waiting
            try await talk.gym.record(ExecutionRecord(execution: paused))
            let late = talk.gym.turn(of: talk.conversation, with: talk.agent)
            try await requireError(.conflict) {
                try await talk.gym.ask("2", late, in: talk.conversation, worker: talk.worker)
            }
            try await requireError(.notFound) { try await stores.executions.execution(late.id, in: talk.gym.scope) }
            try await talk.gym.end(first.run.id, .cancelled)
            try require(
                try await !talk.gym.ask("2", late, in: talk.conversation, worker: talk.worker).isInLine,
                "the line is not empty")
        },
    ]

    private static let turnEnds: [StoreBehaviour] = [
        StoreBehaviour("a turn that is cancelled in line is never said, and those behind it move up") { stores in
            let talk = try await Talk(stores)
            let first = try await talk.ask("1")
            let second = try await talk.ask("2")
            let third = try await talk.ask("3")
            try await talk.gym.end(second.run.id, .cancelled)
            try requireEqual(try await talk.states(first.run, third.run), [.running, .waiting])
            try requireEqual(try await talk.gym.end(first.run, .failed).released, [third.run.id])
            try requireEqual(try await talk.said(), ["1", "3"])
        },
        StoreBehaviour("a turn that is given up after crashes lets the next one begin") { stores in
            let talk = try await Talk(stores, worker: .zero)
            let first = try await talk.ask("1", crashes: Rescue.crashesAllowed - 1)
            let second = try await talk.ask("2")
            let rescue = try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: talk.gym.scope)
            try requireEqual(rescue.dead, [first.run.id])
            try requireEqual(try await talk.states(first.run, second.run), [.failed, .queued])
        },
        StoreBehaviour("a turn that goes on after a crash keeps its turn") { stores in
            let talk = try await Talk(stores, worker: .zero)
            let first = try await talk.ask("1")
            let second = try await talk.ask("2")
            _ = try await stores.queue.rescue(limit: 10, at: TestOrganization.start, in: talk.gym.scope)
            try requireEqual(try await talk.states(first.run, second.run), [.queued, .waiting])
            try require(try await talk.ask("3").start.isInLine, "it passes those before it")
        },
        StoreBehaviour("a failed turn takes its turn again only when nobody else has it") { stores in
            let talk = try await Talk(stores)
            let first = try await talk.ask("1")
            try await talk.gym.end(first.run, .failed)
            let second = try await talk.ask("2")
            try await requireError(.conflict) { try await talk.retry(first.run) }
            try requireEqual(try await talk.states(first.run), [.failed])
            try await talk.gym.end(second.run)
            try await talk.retry(first.run)
            try require(try await talk.ask("3").start.isInLine, "it passes the one that is tried again")
        },
        StoreBehaviour("a deleted conversation cancels the turns that wait in it") { stores in
            let talk = try await Talk(stores)
            let first = try await talk.ask("1")
            let second = try await talk.ask("2")
            try await stores.conversations.delete(talk.conversation.id, version: nil, in: talk.gym.scope)
            try requireEqual(try await talk.states(first.run, second.run), [.running, .cancelled])
            let events = try await stores.events.events(
                after: 0, execution: second.run.id, limit: 10, in: talk.gym.scope)
            try requireEqual(events.map(\.type), ["execution.queued", "execution.cancelled"])
            try await talk.gym.end(first.run)
        },
    ]

    private static let answersAnew: [StoreBehaviour] = [
        StoreBehaviour("an answer given anew stands in for the old one, which stays in the log") { stores in
            let talk = try await Talk(stores)
            try await talk.gym.end(try await talk.ask("Which knee?").run, saying: "The lefthand one")
            let old = try await talk.last()
            let run = try await talk.anew(old)
            try requireEqual(try await talk.said(), ["Which knee?", "The lefthand one"])
            try require(try await talk.ask("And then?").start.isInLine, "it does not wait for the answer")
            try await talk.gym.end(run, saying: "The righthand one", replacing: old)
            try requireEqual(try await talk.said(), ["Which knee?", "The righthand one", "And then?"])
            try requireEqual(
                try await talk.said(includesReplaced: true),
                ["Which knee?", "The lefthand one", "The righthand one", "And then?"])
            let kept = try await stores.conversations.message(old, in: talk.conversation.id, talk.gym.scope)
            let new = try await unwrap(
                stores.conversations.answer(of: run.id, in: talk.conversation.id, talk.gym.scope))
            try requireEqual(kept.replacedBy, new.id)
            try requireEqual(new.replaces, old)
            let context = try await stores.conversations.turnContext(
                of: talk.conversation.id, limit: 10, in: talk.gym.scope)
            try requireEqual(context.messages.map(\.content), ["Which knee?", "The righthand one", "And then?"])
            try requireEqual(context.unread, 0)
        },
        StoreBehaviour("an answer that is not given anew after all stands") { stores in
            let talk = try await Talk(stores)
            try await talk.gym.end(try await talk.ask("1").run, saying: "one")
            let run = try await talk.anew(try await talk.last())
            try await talk.gym.end(run, .failed)
            try requireEqual(try await talk.said(), ["1", "one"])
        },
        StoreBehaviour("who failed to give an answer anew tries again only while that answer is the last") { stores in
            let talk = try await Talk(stores)
            try await talk.gym.end(try await talk.ask("1").run, saying: "one")
            let run = try await talk.anew(try await talk.last())
            try await talk.gym.end(run, .failed)
            try await talk.retry(run)
            try requireEqual(try await talk.states(run), [.queued])
            try await talk.gym.end(run.id, .failed)
            let second = try await talk.ask("2")
            try require(!second.start.isInLine, "the one that failed keeps its turn")
            try await talk.gym.end(second.run, saying: "two")
            try await requireError(.conflict) { try await talk.retry(run) }
            try requireEqual(try await talk.states(run), [.failed])
            try require(try await !talk.ask("3").start.isInLine, "who was refused has the floor")
            try requireEqual(try await talk.said(), ["1", "one", "2", "two", "3"])
        },
        StoreBehaviour("only the last answer can be given anew, and only while nobody answers") { stores in
            let talk = try await Talk(stores)
            try await talk.gym.end(try await talk.ask("1").run, saying: "one")
            let first = try await talk.last()
            let second = try await talk.ask("2").run
            try await requireError(.conflict) { try await talk.anew(first) }
            try await talk.gym.end(second, saying: "two")
            try await requireError(.conflict) { try await talk.anew(first) }
            try await requireError(.conflict) { try await talk.anew(talk.gym.id()) }
            let run = try await talk.anew(try await talk.last())
            try await requireError(.conflict) { try await talk.anew(try await talk.last()) }
            try await talk.gym.end(run)
            try await requireError(.notFound) {
                try await stores.conversations.message(talk.gym.id(), in: talk.conversation.id, talk.gym.scope)
            }
        },
    ]

    static let searches: [StoreBehaviour] = [
        StoreBehaviour("conversations are found by the beginnings of words of a title or of one message") { stores in
            let talk = try await Talk(stores)
            let (gym, agent) = (talk.gym, talk.agent)
            let knee = try await gym.conversation(with: agent, title: "Müller's knee")
            try await gym.say(
                "Can I freeze my membership? It's 25% off, o'clock (ana@example.org)", in: knee, with: agent)
            let desk = try await gym.agent(named: "Desk")
            let bill = try await gym.conversation(with: desk, title: "Billing of MÜLLER")
            try await gym.say("STRASSE 5, Ἀθῆναι", in: bill, with: desk)
            func find(_ text: String, _ agent: AgentID? = nil, limit: Int = 1) async throws -> [ConversationID] {
                try await allPages(limit: limit) {
                    try await stores.conversations.list(
                        ConversationFilter(agent: agent, search: text), $0, in: gym.scope)
                }.map(\.id)
            }
            try requireEqual(try await find("müller"), [bill.id, knee.id])
            try requireEqual(try await find("mül kne"), [knee.id])
            try requireEqual(try await find("müller", desk.id), [bill.id])
            for text in ["FREEZE", "member free", "25%", "ana@exam", "o'cl", "it's"] {
                try requireEqual(try await find(text), [knee.id])
            }
            try requireEqual(try await find("straße"), [bill.id])
            try requireEqual(try await find("ἀθῆναι"), [bill.id])
            // Not within words, and not some in the title and others in a message.
            for text in ["reeze", "knee freeze", "absent"] { try requireEqual(try await find(text), []) }
            try requireEqual(try await find("  ").count, 3)
            for text in ["!!", String(repeating: "a", count: 201), "a b c d e f g h i j k"] {
                try await requireError(.invalid) { try await find(text) }
            }
            let other = try await TestOrganization.make(in: stores)
            let theirs = try await other.conversation(with: try await other.agent(named: "Coach"), title: "Müller")
            try requireEqual(try await find("müller"), [bill.id, knee.id])
            try requireEqual(
                try await stores.conversations.list(
                    ConversationFilter(search: "müller"), PageRequest(), in: other.scope
                ).items.map(\.id), [theirs.id])
        },
        StoreBehaviour("what was changed, replaced or withdrawn is found no more") { stores in
            let talk = try await Talk(stores)
            let gym = talk.gym
            func isFound(_ text: String) async throws -> Bool {
                try await !stores.conversations.list(
                    ConversationFilter(search: text), PageRequest(), in: gym.scope
                ).items.isEmpty
            }
            var changed = talk.conversation
            changed.title = "Sauna"
            changed.version = 2
            try await stores.conversations.update(changed, in: gym.scope)
            try requireEqual(try await isFound("sauna"), true)
            try requireEqual(try await isFound("chat"), false)
            try await gym.end(try await talk.ask("question").run, saying: "wrong")
            let old = try await talk.last()
            let waiting = try await talk.anew(old)
            _ = try await talk.ask("patience")
            let withdrawn = try await talk.ask("impatience").run
            try requireEqual(try await isFound("patience"), true)
            try requireEqual(try await isFound("impatience"), true)
            try await gym.end(withdrawn.id, .cancelled)
            try requireEqual(try await isFound("impatience"), false)
            try requireEqual(try await isFound("patience"), true)
            try await gym.end(waiting, saying: "better", replacing: old)
            try requireEqual(try await isFound("wrong"), false)
            try requireEqual(try await isFound("better"), true)
            try await stores.conversations.delete(talk.conversation.id, version: nil, in: gym.scope)
            try requireEqual(try await isFound("sauna"), false)
        },
    ]
}
