import Foundation
import SpotterDomain

extension StoreConformance {
    /// Every method, asked in one organisation about another's records: nothing is found, nothing is changed.
    static let isolation: [StoreBehaviour] = [
        StoreBehaviour("another organisation's agents and their versions do not exist") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let agent = try await theirs.agent(named: "Coach", template: "gym/coach")
            try await requireError(.notFound) { try await stores.agents.agent(agent.id, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.agents.versions(of: agent.id, PageRequest(), in: mine.scope)
            }
            try await requireError(.notFound) { try await stores.agents.version(1, of: agent.id, in: mine.scope) }
            try requireEqual(try await stores.agents.agent(named: "Coach", in: mine.scope), nil)
            try requireEqual(try await stores.agents.seeded(in: mine.scope), [])
            try requireEqual(try await stores.agents.count(in: mine.scope), 0)
            for page in [PageRequest(), PageRequest(after: Cursor(agent.id.uuid))] {
                try requireEqual(try await stores.agents.list(AgentFilter(), page, in: mine.scope).items, [])
            }
            var changed = agent
            changed.settings.model = "stolen"
            let next = Agent(
                id: agent.id, version: 2, settings: changed.settings, createdAt: agent.createdAt,
                updatedAt: agent.updatedAt)
            try await requireError(.notFound) { try await stores.agents.update(next, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.agents.delete(agent.id, version: nil, in: mine.scope)
            }
            // The same name and the same id are free in every organisation.
            _ = try await mine.agent(named: "Coach")
            try requireEqual(try await stores.agents.agent(agent.id, in: theirs.scope), agent)
        },
        StoreBehaviour("another organisation's conversations and messages do not exist") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let execution = try await theirs.begunTurn()
            let id = try unwrap(execution.conversationId)
            try await requireError(.notFound) { try await stores.conversations.conversation(id, in: mine.scope) }
            try await requireError(.notFound) {
                try await stores.conversations.messages(of: id, PageRequest(), in: mine.scope)
            }
            try await theirs.record(
                ExecutionRecord(
                    execution: execution,
                    message: theirs.message("Hi", in: id, role: .assistant, execution: execution.id)))
            try requireEqual(try await stores.conversations.answer(of: execution.id, in: id, mine.scope), nil)
            let before = try await stores.conversations.conversation(id, in: theirs.scope)
            try await requireError(.notFound) {
                try await stores.conversations.turnContext(of: id, limit: 5, in: mine.scope)
            }
            try await requireError(.notFound) {
                try await stores.conversations.delete(id, version: nil, in: mine.scope)
            }
            var changed = before
            changed.version += 1
            let next = changed
            try await requireError(.notFound) { try await stores.conversations.update(next, in: mine.scope) }
            for filter in [ConversationFilter(), ConversationFilter(agent: before.agentId)] {
                try requireEqual(
                    try await stores.conversations.list(filter, PageRequest(), in: mine.scope).items, [])
            }
            let intruder = Conversation(
                id: mine.id(), agentId: before.agentId, title: "", createdAt: TestOrganization.start,
                updatedAt: TestOrganization.start)
            try await requireError(.notFound) {
                try await stores.conversations.create(intruder, receipt: nil, in: mine.scope)
            }
            try requireEqual(try await stores.conversations.conversation(id, in: theirs.scope), before)
        },
        StoreBehaviour("another organisation's executions, journals and events do not exist") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let execution = try await theirs.begunTurn(worker: try await theirs.worker(lease: .zero))
            let before = try await stores.executions.journal(of: execution.id, in: theirs.scope)
            try await requireError(.notFound) {
                try await stores.executions.execution(execution.id, in: mine.scope)
            }
            try await requireError(.notFound) {
                try await stores.executions.journal(of: execution.id, in: mine.scope)
            }
            try requireEqual(try await stores.executions.journals(of: [execution.id], in: mine.scope), [])
            try await requireError(.notFound) {
                try await stores.executions.change(execution.id, at: TestOrganization.start, in: mine.scope) {
                    ExecutionChange(execution: $0.execution)
                }
            }
            try requireEqual(
                try await stores.queue.rescue(limit: 9, at: TestOrganization.start, in: mine.scope), Rescue())
            try requireEqual(try await stores.queue.statistics(in: mine.scope), QueueStatistics())
            let record = ExecutionRecord(
                execution: execution, steps: [mine.step(0, of: execution, kind: .tool, state: .started)],
                events: [EventDraft(.stepStarted, execution: execution.id)])
            try await requireThrows(LeaseLost.self) {
                try await mine.record(record)
            }
            let filters = [
                ExecutionFilter(), ExecutionFilter(state: .running), ExecutionFilter(agent: execution.agentId),
                ExecutionFilter(conversation: execution.conversationId), ExecutionFilter(isDead: true),
            ]
            for filter in filters {
                try requireEqual(try await stores.executions.list(filter, PageRequest(), in: mine.scope).items, [])
            }
            try requireEqual(try await stores.events.lastPosition(in: mine.scope), 0)
            for id in [nil, execution.id] {
                try requireEqual(
                    try await stores.events.events(after: 0, execution: id, limit: 10, in: mine.scope), [])
            }
            try requireEqual(try await stores.executions.journal(of: execution.id, in: theirs.scope), before)
        },
        StoreBehaviour("nothing that is done in one organisation's queue reaches another's") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let work = theirs.work(uniqueKey: "nightly")
            _ = try await stores.executions.enqueue([work], receipt: nil, in: theirs.scope)
            // The key and the id are free here.
            let twin = mine.work(uniqueKey: "nightly")
            try requireEqual(
                try await stores.executions.enqueue([twin], receipt: nil, in: mine.scope), [twin.id])
            let namesake = Execution(
                id: work.id, kind: .probe, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
                agentVersion: nil, input: [:], createdAt: TestOrganization.start)
            _ = try await stores.executions.enqueue([namesake], receipt: nil, in: mine.scope)
            try await stores.queue.setPaused(true, at: TestOrganization.start, in: mine.scope)
            try await stores.queue.setLimits(maxRunning: 1, startsPerMinute: 1, in: mine.scope)
            let figures = try await stores.queue.statistics(in: theirs.scope)
            try requireEqual([figures.ready, figures.maxRunning], [1, 100])
            try requireEqual(figures.isPaused, false)
            // Nor can an end here be told to a parent there.
            let parent = try await theirs.begunTurn()
            var child = mine.run(under: parent.id)
            try await mine.begin(child)
            child.state = .completed
            try await mine.record(ExecutionRecord(execution: child))
            try requireEqual(try await stores.executions.execution(parent.id, in: theirs.scope), parent)
            try requireEqual(try await stores.executions.execution(work.id, in: theirs.scope), work)
        },
        StoreBehaviour("a turn cannot begin with another organisation's conversation or agent") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let ours = try await mine.agent(named: "Ours")
            let ourConversation = try await mine.conversation(with: ours)
            let agent = try await theirs.agent(named: "Theirs")
            let conversation = try await theirs.conversation(with: agent)
            let pairs = [(conversation, ours), (ourConversation, agent), (conversation, agent)]
            for (conversation, agent) in pairs {
                try await requireError(.notFound) {
                    try await stores.executions.begin(
                        mine.turn(of: conversation, with: agent),
                        message: mine.message("Hello", in: conversation.id), events: [], receipt: nil,
                        worker: try await mine.worker(), in: mine.scope)
                }
            }
            let said = try await stores.conversations.messages(
                of: conversation.id, PageRequest(), in: theirs.scope)
            try requireEqual(said.items, [])
        },
        StoreBehaviour("another organisation's tokens and receipts do not exist") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let token = theirs.token()
            try await stores.tokens.create(token, receipt: theirs.receipt("key"), in: theirs.scope)
            try requireEqual(try await stores.tokens.use(token.id, in: mine.scope), nil)
            try requireEqual(
                try await stores.tokens.revoke(token.id, at: TestOrganization.start, in: mine.scope), false)
            try requireEqual(try await stores.tokens.list(PageRequest(), in: mine.scope).items, [])
            try requireEqual(try await stores.receipts.receipt(forKey: "key", in: mine.scope), nil)
            try await requireError(.notFound) {
                try await stores.receipts.complete(key: "key", with: .init(status: 200, body: []), in: mine.scope)
            }
            try await stores.receipts.abandon(key: "key", in: mine.scope)
            // The key is free here.
            try await stores.receipts.begin(mine.receipt("key"), in: mine.scope)
            try requireEqual(
                try await stores.receipts.receipt(forKey: "key", in: theirs.scope), theirs.receipt("key"))
            try requireEqual(try await stores.tokens.use(token.id, in: theirs.scope)?.revokedAt, nil)
        },
        StoreBehaviour("another organisation's members, classes and sessions do not exist") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let member = theirs.client("Anna", phone: "020 7946 0018")
            let spin = theirs.gymClass("Spin")
            let session = theirs.session(of: spin, at: TestOrganization.start)
            try await stores.clients.add([member], in: theirs.scope)
            try await stores.schedule.add(
                classes: [spin], sessions: [session], bookings: [], in: theirs.scope)
            for query in ["", "anna", "7946"] {
                try requireEqual(
                    try await stores.clients.search(query, status: nil, limit: 10, in: mine.scope), [])
            }
            try requireEqual(try await stores.clients.count(in: mine.scope), 0)
            let day = TestOrganization.start..<TestOrganization.start + 86_400
            try requireEqual(
                try await stores.schedule.sessions(startingIn: day, className: nil, limit: 5, in: mine.scope), [])
            try requireEqual(try await stores.schedule.session(session.id, in: mine.scope), nil)
            try requireEqual(try await stores.schedule.classes(in: mine.scope), [])
            // Nor can anything of one's own refer to them.
            try await requireError(.notFound) {
                try await stores.schedule.add(
                    classes: [], sessions: [mine.session(of: spin, at: TestOrganization.start)], bookings: [],
                    in: mine.scope)
            }
            let booking = Booking(id: mine.id(), sessionId: session.id, clientId: member.id)
            try await requireError(.notFound) {
                try await stores.schedule.add(classes: [], sessions: [], bookings: [booking], in: mine.scope)
            }
            try requireEqual(try await stores.schedule.session(session.id, in: theirs.scope)?.booked, 0)
        },
        StoreBehaviour("the same ids may be used in two organisations, each with its own records") { stores in
            let (mine, theirs) = try await twoOrganizations(in: stores)
            let agent = try await theirs.agent(named: "Coach")
            var twin = agent
            twin.settings.name = "Twin"
            try await stores.agents.create(twin, receipt: nil, in: mine.scope)
            try await stores.agents.delete(agent.id, version: nil, in: theirs.scope)
            try requireEqual(try await stores.agents.agent(agent.id, in: mine.scope).settings.name, "Twin")
            let member = theirs.client("Anna")
            try await stores.clients.add([member], in: theirs.scope)
            var other = member
            other.name = "Berta"
            try await stores.clients.add([other], in: mine.scope)
            let found = try await stores.clients.search("", status: nil, limit: 5, in: mine.scope)
            try requireEqual(found.map(\.name), ["Berta"])
        },
    ]

    static func twoOrganizations(
        in stores: StoreSet
    ) async throws -> (mine: TestOrganization, theirs: TestOrganization) {
        (try await .make(in: stores, name: "Mine"), try await .make(in: stores, name: "Theirs"))
    }
}
