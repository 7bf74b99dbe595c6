import Foundation
import SpotterDomain
import SpotterEngine
import SpotterTesting
import Testing

@testable import SpotterWorkflows

struct SessionServiceTests {
    private static let lesson = SessionTemplate(
        slug: "lesson",
        document: SessionTemplateDocument(
            name: "Lesson", pack: "learning",
            agents: ["tutor": SessionAgent(template: "tutor"), "coach": SessionAgent(name: "Coach")],
            steps: [
                SessionStep(id: "prepare", role: "coach", input: ["content": "{{ input.data.level }}"]),
                SessionStep(
                    id: "greet", role: "tutor", input: ["content": "Hello {{ input.subject }}"],
                    dependencies: ["prepare"]),
            ], idleMinutes: 10))

    private func service(_ fixture: FlowFixture) -> SessionService {
        SessionService(
            store: fixture.world.stores.sessions, agents: fixture.world.stores.agents,
            executions: fixture.executions, plans: fixture.plans, control: fixture.engine().workforce.control,
            ids: RandomIDGenerator())
    }

    private func start(_ fixture: FlowFixture) async throws -> AgentSession {
        try await service(fixture).start(
            Self.lesson, subject: "Ana", data: ["level": "first"], origin: ExecutionOrigin(),
            at: fixture.world.clock.now(), in: fixture.gym.scope)
    }

    private func status(_ session: AgentSession, _ fixture: FlowFixture) async throws -> AgentSession.Status {
        let opening = try await fixture.journal(session.execution).execution.state
        return try await service(fixture).session(session.id, in: fixture.gym.scope)
            .status(opening: opening, at: fixture.world.clock.now())
    }

    @Test func `a session is ready when its plan has ended, with each role's own agent`() async throws {
        let fixture = try await FlowFixture()
        let tutor = try await fixture.gym.agent(named: "Mrs Tutor", template: "learning/tutor")
        let session = try await start(fixture)
        #expect(session.agents["tutor"] == tutor.id)
        #expect(session.agents.count == 2)
        #expect(try await status(session, fixture) == .starting)
        try await fixture.work()
        #expect(try await status(session, fixture) == .ready)
        #expect(fixture.agents.asked == ["first", "Hello Ana"])
        #expect(try await fixture.report(session.execution).success)
    }

    @Test func `a session ends when nothing is heard of it, and later when something is`() async throws {
        let fixture = try await FlowFixture()
        _ = try await fixture.gym.agent(named: "Mrs Tutor", template: "learning/tutor")
        let (session, service) = (try await start(fixture), service(fixture))
        try await fixture.work()
        fixture.world.clock.advance(by: 500)
        try await service.hear(session.id.description, at: fixture.world.clock.now(), in: fixture.gym.scope)
        try await service.hear("a name of one's own", at: fixture.world.clock.now(), in: fixture.gym.scope)
        fixture.world.clock.advance(by: 500)
        #expect(try await status(session, fixture) == .ready)
        fixture.world.clock.advance(by: 100)
        #expect(try await status(session, fixture) == .ended)
    }

    @Test func `a session that cannot be opened has failed, and one that is ended breaks its opening off`() async throws
    {
        let fixture = try await FlowFixture()
        _ = try await fixture.gym.agent(named: "Mrs Tutor", template: "learning/tutor")
        fixture.agents.answer { _, _, _ in .failure(ExecutionError(code: "no_luck", message: "No.")) }
        let failed = try await start(fixture)
        try await fixture.work()
        #expect(try await status(failed, fixture) == .failed)
        let ended = try await start(fixture)
        try await service(fixture).end(ended.id, at: fixture.world.clock.now(), in: fixture.gym.scope)
        #expect(try await status(ended, fixture) == .ended)
        #expect(try await fixture.journal(ended.execution).execution.state == .cancelled)
    }

    @Test func `an agent that is missing is named with the pack that it comes in`() async throws {
        let fixture = try await FlowFixture()
        let error = await #expect(throws: SpotterError.self) { _ = try await start(fixture) }
        #expect(error?.issues.map(\.message) == ["needs tutor as its tutor: seed the pack learning first"])
    }
}
