import Foundation
import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/scheduler`: when things fire.
enum SchedulerRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            setState(.running, "start", "startScheduler", "Let the organisation's schedules fire", services),
            setState(.stopped, "stop", "stopScheduler", "Let the organisation's schedules fire no more", services),
            check(services), status(services), validate(services),
        ]
    }

    // MARK: The organisation's scheduler

    private static func setState(
        _ state: SchedulerState, _ verb: String, _ name: String, _ summary: String, _ services: Services
    ) -> Route {
        let answer =
            state == .running
            ? "How it is. What fell due while it was stopped is decided on as each task's `catch_up` says."
            : "How it is. Runs that were started go on."
        return Route(
            .post, "/v1/scheduler/\(verb)", name, summary, tag: "Scheduler", permission: .tasksWrite,
            answers: [.json(200, answer, SchedulerResource.self)], idempotency: .around(isRepeatable: true)
        ) { context in
            try await services.firing.setState(state, at: context.now, in: context.scope)
            return try .json(SchedulerResource(await services.firing.status(coming: 50, in: context.scope)))
        }
    }

    private static func check(_ services: Services) -> Route {
        Route(
            .post, "/v1/scheduler/check", "checkScheduler", "Fire what is due now, as the scheduler does by itself",
            tag: "Scheduler", permission: .tasksWrite,
            answers: [
                .json(200, "What became of it; nothing while the scheduler is stopped.", SchedulerCheckResource.self)
            ],
            idempotency: .around(isRepeatable: true)
        ) { context in
            try .json(SchedulerCheckResource(await services.firing.check(in: context.scope)))
        }
    }

    private static func status(_ services: Services) -> Route {
        Route(
            .get, "/v1/scheduler/status", "getScheduler", "Read how the organisation's schedules are",
            tag: "Scheduler", permission: .tasksRead,
            query: Array([Route.QueryParameter].page.prefix(1)),
            answers: [.json(200, "How they are, and what fires next.", SchedulerResource.self)]
        ) { context in
            let coming = try context.limit()
            return try .json(SchedulerResource(await services.firing.status(coming: coming, in: context.scope)))
        }
    }

    // MARK: Trying an expression

    /// An expression to try.
    struct ValidateRequest: Codable, Sendable, FieldsDescribed {
        let cron: String
        let timezone: String?
        let dstGap: DaylightSavingGap?
        let count: Int?

        static let fields: [String: Field] = [
            "cron": Field("The expression, such as `30 6 * * MON-FRI` or `@daily`.", example: "30 6 * * MON-FRI"),
            "timezone": Field("Whose clock, an IANA name; the organisation's unless said.", example: "Europe/London"),
            "dst_gap": Field("For times of day that the clocks pass over; `shift` unless said."),
            "count": Field("How many fires to list; 5 unless said.", range: 1...100),
        ]
    }

    /// What it means, or what is wrong with it.
    struct ValidateResource: Codable, Sendable, FieldsDescribed {
        let valid: Bool
        var error: SchedulePreview.Problem?
        var description: String?
        var nextFires: [Date] = []
        var notes: [CronNote] = []

        static let fields: [String: Field] = [
            "error": Field("What is wrong, where: only if it is not valid."),
            "description": Field("What it means, in words: only if it is valid."),
            "next_fires": Field("The coming fires; fewer than asked for if there are no more."),
            "notes": Field("What may not be meant, such as a day that some months do not have."),
        ]
    }

    private static func validate(_ services: Services) -> Route {
        Route(
            .post, "/v1/scheduler/validate", "validateSchedule", "Try a cron expression", tag: "Scheduler",
            permission: .tasksRead,
            body: .json(
                ValidateRequest.self, limit: 16_384,
                example: ["cron": "30 6 * * MON-FRI", "timezone": "Europe/London", "count": 3]),
            answers: [.json(200, "What it means; or, with `valid` false, what is wrong.", ValidateResource.self)]
        ) { context in
            let wanted = try context.body(ValidateRequest.self)
            let timezone: String
            if let named = wanted.timezone {
                timezone = named
            } else {
                timezone = try await services.organizations.organization(in: context.scope).timezone
            }
            do {
                let preview = try SchedulePreview(
                    cron: wanted.cron, timezone: timezone, gap: wanted.dstGap ?? .shift, count: wanted.count ?? 5,
                    after: context.now)
                if let problem = preview.problem {
                    return try .json(ValidateResource(valid: false, error: problem, notes: preview.notes))
                }
                return try .json(
                    ValidateResource(
                        valid: true, description: preview.description, nextFires: preview.nextFires,
                        notes: preview.notes))
            } catch let problem as SchedulePreview.Problem {
                return try .json(ValidateResource(valid: false, error: problem))
            }
        }
    }
}
