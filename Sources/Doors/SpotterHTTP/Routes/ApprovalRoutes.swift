import HTTPServerKit
import SpotterDomain
import SpotterEngine

/// `/v1/approvals`: what people are asked to allow.
enum ApprovalRoutes {
    static func routes(_ services: Services) -> [Route] { [list(services), get(services), decide(services)] }

    private static func list(_ services: Services) -> Route {
        Route(
            .get, "/v1/approvals", "listApprovals", "List approvals, newest first", tag: "Approvals",
            permission: .approvalsRead,
            query: .page + [
                .init(name: "state", schema: Approval.State.schema),
                .init(name: "execution_id", schema: ExecutionID.schema),
            ],
            answers: [.json(200, "One page; `?state=pending` is the inbox.", ListResource<ApprovalResource>.self)]
        ) { context in
            let filter = ApprovalFilter(
                state: try context.choice("state", Approval.State.self), execution: try context.queryID("execution_id"))
            let page = try await services.approvals.list(filter, context.page(), in: context.scope)
            return try .json(ListResource(page.map(ApprovalResource.init)))
        }
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/approvals/{approval_id}", "getApproval", "Read one approval", tag: "Approvals",
            permission: .approvalsRead,
            answers: [
                .json(200, "The approval, with exactly what is to be done.", ApprovalResource.self)
            ]
        ) { context in
            let id: ApprovalID = try context.id("approval_id", "approval")
            return try .json(ApprovalResource(await services.approvals.approval(id, in: context.scope)))
        }
    }

    private static func decide(_ services: Services) -> Route {
        Route(
            .post, "/v1/approvals/{approval_id}/decision", "decideApproval", "Approve or reject", tag: "Approvals",
            permission: .approvalsDecide,
            body: .json(DecisionRequest.self, example: ["approved": true, "comment": "The member asked for it."]),
            answers: [
                .json(
                    200,
                    "The approval as it is now. Only those in `approvers` may decide, each once; 422 at `/approvers` for "
                        + "whoever is not asked. 409 when it is decided or expired, when `arguments_hash` is not that of what is asked about, and for a "
                        + "second decision of the same person. What is approved is done once, exactly as it was shown.",
                    ApprovalResource.self)
            ],
            idempotency: .withEffect
        ) { context in
            guard let caller = context.caller else { throw SpotterError(.unauthenticated, "A token is needed.") }
            let wanted = try context.body(DecisionRequest.self)
            let id: ApprovalID = try context.id("approval_id", "approval")
            let asked = try await services.approvals.approval(id, in: context.scope)
            let vote = ApprovalVote(
                approved: wanted.approved, comment: wanted.comment, argumentsHash: wanted.argumentsHash, by: caller)
            let receipt = context.idempotency.map {
                Receipt(key: $0.key, fingerprint: $0.fingerprint, createdAt: context.now)
            }
            let approval = try await services.control.decide(
                id, of: asked.execution, vote, receipt: receipt,
                answer: { .init(status: 200, body: try JSONWriter.encode(ApprovalResource($0))) }, in: context.scope)
            return try .json(ApprovalResource(approval))
        }
    }
}

/// What somebody decides.
struct DecisionRequest: Codable, Sendable, FieldsDescribed {
    let approved: Bool
    let comment: String?
    let argumentsHash: String?

    static let fields: [String: Field] = [
        "approved": Field("Whether it may be done."),
        "comment": Field("Why; the agent is told.", length: 0...Approval.longestComment),
        "arguments_hash": Field(
            "The `arguments_hash` that you were shown: a decision about anything else is refused.", length: 64...64),
    ]
}
