import Foundation
import SpotterDomain
import Testing

struct WorkItemDependencyTests {
    private static let start = Date(timeIntervalSince1970: 1_795_000_000)
    private static let ids: [WorkItemID] = {
        let ids = RandomIDGenerator()
        return (0..<9).map { _ in ids.id(at: start) }
    }()

    /// Tasks by number, each with those it depends on.
    private func edges(_ edges: [Int: [Int]]) -> [WorkItemID: [WorkItemID]] {
        Dictionary(uniqueKeysWithValues: edges.map { (Self.ids[$0], $1.map { Self.ids[$0] }) })
    }

    @Test(
        arguments: [
            ([1: [2], 2: [0]], [1], [0, 1, 2, 0]),
            ([1: [2], 2: [3], 4: [0]], [1, 4], [0, 4, 0]),
            ([1: [2, 3], 2: [4], 3: [4], 4: [5, 0]], [1], [0, 1, 2, 4, 0]),
            ([:], [0], [0, 0]),
            // A circle elsewhere does not catch the search.
            ([1: [2], 2: [1], 3: [0]], [1, 3], [0, 3, 0]),
        ] as [([Int: [Int]], [Int], [Int])])
    func `a way back to the task itself is found`(_ graph: [Int: [Int]], _ dependsOn: [Int], _ way: [Int]) throws {
        let dependsOn = dependsOn.map { Self.ids[$0] }
        let found = try #require(
            WorkItemGraph.circle(from: Self.ids[0], dependsOn: dependsOn, edges: edges(graph)))
        #expect(found.path == way.map { Self.ids[$0] })
        #expect(dependsOn[found.index] == found.path[1])
    }

    @Test func `shared dependencies are no circle`() {
        let graph = edges([1: [3], 2: [3], 3: [4]])
        #expect(WorkItemGraph.circle(from: Self.ids[0], dependsOn: [Self.ids[1], Self.ids[2]], edges: graph) == nil)
        #expect(WorkItemGraph.circle(from: Self.ids[0], dependsOn: [], edges: graph) == nil)
    }

    @Test(.timeLimit(.minutes(5))) func `a long chain and a dense graph are walked once`() {
        let ids = RandomIDGenerator()
        let chain: [WorkItemID] = (0..<20_000).map { _ in ids.id(at: Self.start) }
        var graph: [WorkItemID: [WorkItemID]] = [:]
        for (number, id) in chain.enumerated() { graph[id] = Array(chain.dropFirst(number + 1).prefix(40)) }
        #expect(WorkItemGraph.circle(from: Self.ids[0], dependsOn: [chain[0]], edges: graph) == nil)
        graph[chain[19_999]] = [Self.ids[0]]
        let found = WorkItemGraph.circle(from: Self.ids[0], dependsOn: [chain[0]], edges: graph)
        #expect(found?.path.count ?? 0 > 500)
    }

    @Test func `a circle is told with its field and the way`() {
        let error = #expect(throws: SpotterError.self) {
            try WorkItemGraph.check(
                Self.ids[0], dependsOn: [Self.ids[3], Self.ids[1]], edges: edges([1: [0]]))
        }
        let way = [0, 1, 0].map { Self.ids[$0].description }.joined(separator: " → ")
        #expect(
            error?.issues == [FieldIssue(pointer: "/depends_on/1", message: "leads back to the task itself: \(way)")])
    }

    @Test func `a run is ready when all have completed, and fails with the first that has not`() {
        let ids = Self.ids
        #expect(WorkItemReadiness([]) == .ready)
        #expect(WorkItemReadiness([(ids[0], .completed), (ids[1], .completed)]) == .ready)
        #expect(WorkItemReadiness([(ids[0], .completed), (ids[1], nil)]) == .blocked)
        #expect(WorkItemReadiness([(ids[0], .running), (ids[1], .completed)]) == .blocked)
        #expect(WorkItemReadiness([(ids[0], nil), (ids[1], .failed), (ids[2], .cancelled)]) == .failed(ids[1]))
    }

    @Test func `a run with a time of its own is judged then, and waits, goes on or fails`() throws {
        let runAt = Self.start + 3_600
        let ids = RandomIDGenerator()
        let run = Execution(
            id: ids.id(at: Self.start), kind: .task, state: .queued, attempt: 0, conversationId: nil, agentId: nil,
            agentVersion: nil, input: ["run_at": .string(Timestamp.string(from: runAt))], taskId: Self.ids[0],
            wakeAt: runAt, createdAt: Self.start)
        #expect(run.judged(by: .blocked, at: Self.start) == run)
        #expect(run.judged(by: .failed(Self.ids[1]), at: Self.start) == run)
        let blocked = run.judged(.blocked, at: runAt)
        #expect(blocked.isBlocked)
        #expect(blocked.wakeAt == nil)
        #expect(blocked.judgementEvent.type == "execution.waiting")
        let ready = blocked.judged(.ready, at: runAt)
        #expect(ready.state == .queued)
        #expect(ready.currentStep == nil)
        #expect(ready.wakeAt == nil)
        let failed = blocked.judged(.failed(Self.ids[1]), at: Self.start + 1)
        #expect(failed.state == .failed)
        #expect(failed.error?.code == "dependency_failed")
        #expect(failed.completedAt == Self.start + 1)
        #expect(failed.judgementEvent.type == "execution.failed")
    }

    @Test func `only a run that has not begun is judged when it is put back into the queue`() {
        func run(_ state: ExecutionState, attempt: Int) -> Execution {
            Execution(
                id: RandomIDGenerator().id(at: Self.start), kind: .task, state: state, attempt: attempt,
                conversationId: nil, agentId: nil, agentVersion: nil, input: [:], taskId: Self.ids[0],
                createdAt: Self.start)
        }
        let resumed = TaskEffect(of: run(.queued, attempt: 0), on: run(.paused, attempt: 0), at: Self.start)
        #expect(resumed.begun == [Self.ids[0]])
        #expect(resumed.execution.isBlocked)
        var next = run(.paused, attempt: 0)
        next.currentStep = Execution.previousRunStep
        let resumedNext = TaskEffect(of: run(.queued, attempt: 0), on: next, at: Self.start)
        #expect(resumedNext.execution.isNextRun)
        #expect(resumedNext.begun == [])
        #expect(resumedNext.ended == [Self.ids[0]])
        #expect(TaskEffect(of: run(.queued, attempt: 1), on: run(.paused, attempt: 1), at: Self.start).isNone)
        #expect(TaskEffect(of: run(.paused, attempt: 0), on: run(.queued, attempt: 0), at: Self.start).isNone)
        #expect(
            TaskEffect(of: run(.cancelled, attempt: 0), on: run(.waiting, attempt: 0), at: Self.start).ended == [
                Self.ids[0]
            ])
        #expect(TaskEffect(of: run(.failed, attempt: 1), on: run(.failed, attempt: 1), at: Self.start).isNone)
    }
}
