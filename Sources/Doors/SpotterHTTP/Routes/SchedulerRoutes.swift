import Foundation
import HTTPServerKit
import SpotterDomain

/// `/v1/scheduler`: when things fire.
enum SchedulerRoutes {
    static func routes(_ services: Services) -> [Route] { [validate(services)] }

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
            "notes": Field("What may not be meant, such as a date that never comes."),
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
