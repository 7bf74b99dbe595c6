import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/queue`: what the organisation has going.
enum QueueRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            statistics(services), setPaused(true, "pause", "pauseQueue", "Hold the whole queue back", services),
            setPaused(false, "resume", "resumeQueue", "Let the queue go on", services), dead(services),
            requeue(services),
        ]
    }

    private static func statistics(_ services: Services) -> Route {
        Route(
            .get, "/v1/queue", "getQueue", "Read the queue's figures", tag: "Queue", permission: .executionsRead,
            answers: [.json(200, "The figures of this moment.", QueueResource.self)]
        ) { context in
            try .json(QueueResource(await services.queue.statistics(in: context.scope)))
        }
    }

    private static func setPaused(
        _ isPaused: Bool, _ verb: String, _ name: String, _ summary: String, _ services: Services
    ) -> Route {
        Route(
            .post, "/v1/queue/\(verb)", name, summary, tag: "Queue", permission: .executionsWrite,
            answers: [.json(200, "The figures of this moment. What runs already is not touched.", QueueResource.self)],
            idempotency: .around(isRepeatable: true)
        ) { context in
            try await services.queue.setPaused(isPaused, at: context.now, in: context.scope)
            return try .json(QueueResource(await services.queue.statistics(in: context.scope)))
        }
    }

    private static func dead(_ services: Services) -> Route {
        Route(
            .get, "/v1/queue/dead", "listDead", "List the executions that were given up, newest first", tag: "Queue",
            permission: .executionsRead, query: .page,
            answers: [.json(200, "One page.", ListResource<ExecutionResource>.self)]
        ) { context in
            let page = try await services.executions.list(
                ExecutionFilter(isDead: true), context.page(), in: context.scope)
            return try .json(ListResource(page.map(ExecutionResource.init)))
        }
    }

    private static func requeue(_ services: Services) -> Route {
        Route(
            .post, "/v1/queue/dead/{execution_id}/requeue", "requeueDead",
            "Put an execution that was given up back into the queue", tag: "Queue", permission: .executionsWrite,
            answers: [.json(200, "The execution as it is now.", ExecutionResource.self)], idempotency: .withEffect
        ) { context in
            let execution = try await services.control.retry(
                context.id("execution_id", "execution"), receipt: context.executionReceipt, in: context.scope)
            return try .json(ExecutionResource(execution))
        }
    }
}

/// The queue's figures as the API shows them.
struct QueueResource: Codable, Sendable {
    let paused: Bool
    let ready: Int
    let scheduled: Int
    let running: Int
    let waiting: Int
    let held: Int
    let dead: Int
    let oldestReadyMs: Int
    let maxRunning: Int
    let startsPerMinute: Int?

    init(_ statistics: QueueStatistics) {
        paused = statistics.isPaused
        ready = statistics.ready
        scheduled = statistics.scheduled
        running = statistics.running
        waiting = statistics.waiting
        held = statistics.paused
        dead = statistics.dead
        oldestReadyMs = statistics.oldestReadyMs
        maxRunning = statistics.maxRunning
        startsPerMinute = statistics.startsPerMinute
    }
}
