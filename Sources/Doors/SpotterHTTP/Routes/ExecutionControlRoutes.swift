import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/executions/{id}/…`: what people do to a run.
enum ExecutionControlRoutes {
    static func routes(_ services: Services) -> [Route] {
        [
            action(
                "pause", "pauseExecution", "Hold an execution back",
                "It stops after the step in progress, and waits until it is resumed."
            ) { try await services.control.pause($0, receipt: $1, in: $2) },
            action(
                "cancel", "cancelExecution", "End an execution and everything it began",
                "What it is doing is broken off; a run in another process is reached within about a second."
            ) { try await services.control.cancel($0, receipt: $1, in: $2) },
            action(
                "retry", "retryExecution", "Do a failed execution again, from the first step that failed",
                "What was done stays done."
            ) { try await services.control.retry($0, receipt: $1, in: $2) },
            resume(services), input(services), review(services),
        ]
    }

    private static func action(
        _ verb: String, _ name: String, _ summary: String, _ description: String,
        _ act: @escaping @Sendable (ExecutionID, ExecutionReceipt?, OrganizationScope) async throws -> Execution
    ) -> Route {
        Route(
            .post, "/v1/executions/{execution_id}/\(verb)", name, summary, tag: "Executions",
            permission: .executionsWrite,
            answers: [.json(200, "The execution as it is now. \(description)", ExecutionResource.self)],
            idempotency: .withEffect
        ) { context in
            let id: ExecutionID = try context.id("execution_id", "execution")
            return try .json(ExecutionResource(await act(id, context.executionReceipt, context.scope)))
        }
    }

    private static func resume(_ services: Services) -> Route {
        Route(
            .post, "/v1/executions/{execution_id}/resume", "resumeExecution", "Let an execution go on",
            tag: "Executions", permission: .executionsWrite,
            body: .json(ResumeRequest.self, example: ["force": false]),
            answers: [
                .json(
                    200,
                    "The execution as it is now. A paused one goes on from its journal; with `force`, what it waits for "
                        + "in time ends, too. With `force`, 409 where it is neither paused nor waits for a time.",
                    ExecutionResource.self)
            ], idempotency: .withEffect
        ) { context in
            let id: ExecutionID = try context.id("execution_id", "execution")
            let wanted = context.request.body.isEmpty ? ResumeRequest() : try context.body(ResumeRequest.self)
            guard wanted.force ?? false else {
                return try .json(
                    ExecutionResource(
                        await services.control.resume(
                            id, with: wanted.stepId, receipt: context.executionReceipt, in: context.scope)))
            }
            return try .json(
                ExecutionResource(
                    await services.control.force(
                        id, step: wanted.stepId, receipt: context.executionReceipt, in: context.scope)))
        }
    }

    private static func input(_ services: Services) -> Route {
        Route(
            .post, "/v1/executions/{execution_id}/input", "answerExecution", "Answer what an execution asks",
            tag: "Executions", permission: .executionsWrite,
            body: .json(InputRequest.self, example: ["answer": "Yes, offer them a free week."]),
            answers: [.json(200, "The execution as it is now.", ExecutionResource.self)], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(InputRequest.self)
            let execution = try await services.control.answer(
                context.id("execution_id", "execution"), step: wanted.stepId, with: wanted.answer,
                receipt: context.executionReceipt, in: context.scope)
            return try .json(ExecutionResource(execution))
        }
    }

    private static func review(_ services: Services) -> Route {
        Route(
            .post, "/v1/executions/{execution_id}/steps/{step_id}/review", "reviewStep",
            "Say what became of a call that was broken off", tag: "Executions", permission: .executionsWrite,
            body: .json(ReviewRequest.self, example: ["outcome": "done", "result": ["sent": true]]),
            answers: [.json(200, "The execution as it is now.", ExecutionResource.self)], idempotency: .withEffect
        ) { context in
            let wanted = try context.body(ReviewRequest.self)
            let finding: ExecutionControl.Finding =
                switch wanted.outcome {
                case .done: .done(wanted.result ?? .null)
                case .notDone: .notDone
                }
            let execution = try await services.control.review(
                context.id("execution_id", "execution"), step: context.id("step_id", "step"), finding,
                receipt: context.executionReceipt, in: context.scope)
            return try .json(ExecutionResource(execution))
        }
    }
}

extension RequestContext {
    /// The receipt of a request that is answered with the execution that it changes; nil when it has no key.
    var executionReceipt: ExecutionReceipt? {
        idempotency.map { key in
            ExecutionReceipt(Receipt(key: key.key, fingerprint: key.fingerprint, createdAt: now)) { execution in
                .init(status: 200, body: try JSONWriter.encode(ExecutionResource(execution)))
            }
        }
    }
}

/// An answer to a question of an execution.
struct InputRequest: Codable, Sendable, FieldsDescribed {
    let answer: JSONValue
    let stepId: StepID?

    static let fields: [String: Field] = [
        "answer": Field("What the program goes on with: text or any JSON."),
        "step_id": Field("Which question, where several are open."),
    ]
}

/// How an execution goes on.
struct ResumeRequest: Codable, Sendable, FieldsDescribed {
    var force: Bool?
    var stepId: StepID?

    static let fields: [String: Field] = [
        "force": Field(
            "Ends a wait for a time now, also of a paused run, which then goes on: a wait node, or the pause before another "
                + "try. What is awaited of people stays awaited."
        ),
        "step_id": Field("With `force`: which wait, where several are open."),
    ]
}

/// What a person found out about a call whose outcome was not known.
struct ReviewRequest: Codable, Sendable, FieldsDescribed {
    enum Outcome: String, Codable, Sendable, CaseIterable, SchemaDescribed {
        case done
        case notDone = "not_done"
    }

    let outcome: Outcome
    let result: JSONValue?

    static let fields: [String: Field] = [
        "outcome": Field("Whether it happened. What did not is done again."),
        "result": Field("With `done`: what the call answered, as the program goes on with it."),
    ]
}
