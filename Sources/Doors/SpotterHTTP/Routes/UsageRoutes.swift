import Foundation
import HTTPServerKit
import SpotterBilling
import SpotterDomain
import SpotterWorkflows

/// `/v1/pricing`, `/v1/usage` and `/v1/billing`: what calls of models cost.
enum UsageRoutes {
    static func routes(_ services: Services) -> [Route] {
        [pricing(services), usage(services), history(services), month(services), close(services)]
    }

    private static func pricing(_ services: Services) -> Route {
        Route(
            .get, "/v1/pricing", "getPricing", "Read what the models cost, without the markup", tag: "Billing",
            permission: .billingRead,
            answers: [.json(200, "Every price, past and future ones too.", PricingResource.self)]
        ) { _ in try .json(PricingResource(data: services.prices())) }
    }

    private static func usage(_ services: Services) -> Route {
        Route(
            .get, "/v1/usage", "getUsage", "Add up what calls of models used and cost", tag: "Billing",
            permission: .billingRead,
            query: [
                .init(name: "from", schema: moment("The first moment; without it since ever.")),
                .init(name: "to", schema: moment("The first moment that does not count any more.")),
                .init(name: "agent_id", schema: AgentID.schema),
                .init(name: "conversation_id", schema: ConversationID.schema),
                .init(name: "task_id", schema: WorkItemID.schema),
                .init(name: "execution_id", schema: ExecutionID.schema),
                .init(name: "model", schema: JSONSchema(.string, description: "As the provider names it.")),
                .init(
                    name: "workflow_id",
                    schema: JSONSchema(.string, description: "A workflow's id, or what the CRM calls one of its own.")),
                .init(name: "group_by", schema: UsageGrouping.schema),
            ],
            answers: [
                .json(
                    200, "The sum, and with `group_by` its parts: the dearest first, at most 1,000.",
                    UsageResource.self)
            ]
        ) { context in
            let filter = LedgerFilter(
                from: try context.moment("from"), until: try context.moment("to"),
                agent: try context.queryID("agent_id"), conversation: try context.queryID("conversation_id"),
                task: try context.queryID("task_id"), execution: try context.queryID("execution_id"),
                model: context.query["model"], workflow: try await workflow(services, context))
            let grouping = try context.choice("group_by", UsageGrouping.self)
            let summary = try await services.ledger.usage(filter, by: grouping, in: context.scope)
            return try .json(UsageResource(summary, filter, by: grouping))
        }
    }

    /// The account of a workflow; of one that is not known nothing was spent.
    private static func workflow(_ services: Services, _ context: RequestContext) async throws -> UUID? {
        guard let name = context.query["workflow_id"] else { return nil }
        if let id = WorkflowID(name) { return id.uuid }
        let known = try await services.workflowActions.workflow(named: name, in: context.scope)
        return known ?? (services.ids.id(at: context.now) as WorkflowID).uuid
    }

    private static func moment(_ description: String) -> JSONSchema {
        JSONSchema(.string, description: description + " An RFC 3339 time, or a day of UTC.")
    }

    private static func history(_ services: Services) -> Route {
        Route(
            .get, "/v1/usage/history", "getUsageHistory", "Read what each month came to", tag: "Billing",
            permission: .billingRead,
            answers: [
                .json(200, "The present month first; months without a call are left out.", UsageHistoryResource.self)
            ]
        ) { context in
            let summary = try await services.ledger.usage(LedgerFilter(), by: .month, in: context.scope)
            let months = summary.groups.reversed().map {
                UsageHistoryResource.Month(month: $0.key ?? "", lines: $0.lines, usage: $0.usage, cost: $0.cost)
            }
            return try .json(UsageHistoryResource(data: months))
        }
    }

    // MARK: Months

    private static func month(_ services: Services) -> Route {
        Route(
            .get, "/v1/billing/months/{month}", "getBillingMonth", "Read a month's statement", tag: "Billing",
            permission: .billingRead,
            query: .page + [
                .init(
                    name: "format",
                    schema: JSONSchema(
                        .string, description: "Without it as `Accept` says, or else JSON.",
                        values: StatementFormat.allCases.map(\.rawValue)))
            ],
            answers: [
                .json(200, "The sums, and a page of the lines in the order of their making.", MonthResource.self),
                .text("text/csv", "All lines; no cell is a formula."), .text("text/html", "A page to print."),
            ]
        ) { context in
            let month = try context.month()
            let organization = try await services.organizations.organization(in: context.scope)
            switch try StatementFormat(of: context) {
            case .csv: return csv(month, try context.scope, services)
            case .html:
                let statement = try await StatementReader(ledger: services.ledger).statement(
                    of: month, for: organization)
                let names = try await services.names(of: statement.agents, in: context.scope)
                return .text(StatementPage.html(statement, names: names), type: "text/html; charset=utf-8")
                    .with("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'")
            case .json: return try await json(month, organization, services, context)
            }
        }
    }

    private static func json(
        _ month: BillingMonth, _ organization: Organization, _ services: Services, _ context: RequestContext
    ) async throws -> Reply {
        let statement = try await StatementReader(ledger: services.ledger).statement(of: month, for: organization)
        let page = try context.page()
        let lines = try await services.ledger.lines(
            LedgerFilter(from: month.start, until: month.end), after: page.after.map { LedgerLineID($0.uuid) },
            limit: page.limit + 1, in: context.scope)
        let shown = Page(fetched: lines, limit: page.limit) { Cursor($0.id.uuid) }
        return try .json(
            MonthResource(
                month: month.description, state: statement.closedAt == nil ? .open : .closed,
                closedAt: statement.closedAt, lines: statement.total.lines, usage: statement.total.usage,
                cost: statement.total.cost, agents: statement.agents.map(UsageResource.Part.init),
                models: statement.models.map(UsageResource.Part.init),
                entries: ListResource(shown.map(LineResource.init))))
    }

    private static func csv(
        _ month: BillingMonth, _ scope: OrganizationScope, _ services: Services
    ) -> Reply {
        let reader = StatementReader(ledger: services.ledger)
        let body = HTTPResponse.Body.stream { writer in
            try await writer.write(Array(StatementCSV.header.utf8))
            try await reader.lines(of: month, in: scope) { lines in
                try await writer.write(lines.flatMap { Array(StatementCSV.row($0).utf8) })
            }
        }
        return Reply(status: 200, contentType: "text/csv; charset=utf-8", body: body)
            .with("content-disposition", "attachment; filename=\"statement-\(month).csv\"")
    }

    private static func close(_ services: Services) -> Route {
        Route(
            .post, "/v1/billing/months/{month}/close", "closeBillingMonth", "Close a month that is over",
            tag: "Billing", permission: .billingWrite,
            answers: [
                .json(
                    200,
                    "The month as it was closed, with all before it. It stays so: what comes later counts for the "
                        + "month after the last closed one.", ClosedMonthResource.self)
            ],
            idempotency: .around(isRepeatable: true)
        ) { context in
            let closed = try await services.ledger.close(context.month(), at: context.now, in: context.scope)
            return try .json(ClosedMonthResource(closed))
        }
    }
}

/// A month that is closed.
struct ClosedMonthResource: Codable, Sendable {
    let month: String
    let closedAt: Date
    let lines: Int
    let usage: TokenUsage
    let cost: Cost

    init(_ closed: ClosedMonth) {
        (month, closedAt) = (closed.month.description, closed.closedAt)
        (lines, usage, cost) = (closed.total.lines, closed.total.usage, closed.total.cost)
    }
}

/// How a statement is written.
enum StatementFormat: String, CaseIterable {
    case json, csv, html

    /// As `format` says, or `Accept`.
    init(of context: RequestContext) throws {
        if let asked = try context.choice("format", StatementFormat.self) {
            self = asked
            return
        }
        let types = (context.request.headers["accept"] ?? "").split(separator: ",").map { part in
            part.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        }
        let known: [String: StatementFormat] = [
            "application/json": .json, "text/csv": .csv, "text/html": .html,
        ]
        self = types.compactMap { known[$0] }.first ?? .json
    }
}

extension RequestContext {
    /// The month in the path. One that cannot be is as unknown as any other address.
    fileprivate func month() throws -> BillingMonth {
        guard let month = parameters["month"].flatMap(BillingMonth.init) else {
            throw SpotterError(.notFound, "A month is written like 2026-11.")
        }
        return month
    }

    /// A moment in the query: a time, or a day of UTC.
    fileprivate func moment(_ name: String) throws -> Date? {
        guard let text = query[name] else { return nil }
        guard let date = Timestamp.date(from: text.utf8.count == 10 ? text + "T00:00:00Z" : text) else {
            throw SpotterError.invalid("/\(name)", "must be an RFC 3339 time or a day such as 2026-11-21")
        }
        return date
    }
}

extension Services {
    /// What the agents of a statement are called, by their ids; one that was deleted has no name any more.
    fileprivate func names(of sums: [UsageSum], in scope: OrganizationScope) async throws -> [String: String] {
        var names: [String: String] = [:]
        for id in sums.compactMap(\.key).prefix(100).compactMap({ AgentID($0) }) {
            do {
                names[id.description] = try await agents.agent(id, in: scope).settings.name
            } catch let error as SpotterError where error.code == .notFound {}
        }
        return names
    }
}
