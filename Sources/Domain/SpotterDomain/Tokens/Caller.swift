public import Foundation

/// Who makes a request, and what they may do. Comes from a verified token and nothing else.
public struct Caller: Sendable, Hashable {
    /// The token that let the request in.
    public let token: TokenID
    /// Whom the token was issued for, such as `front-desk` or an e-mail address.
    public let subject: String
    /// What the caller is in the organisation.
    public let role: Role
    /// What the token allows.
    public let permissions: Set<Permission>
    /// The organisation that the caller belongs to.
    public let scope: OrganizationScope
    /// When the token ends; nil for somebody who has none, such as an operator at the console.
    public let tokenExpiresAt: Date?
    /// How many requests a minute the token may make; nil leaves that to the organisation.
    public let requestsPerMinute: Int?

    /// A caller as a verified token describes one.
    public init(
        token: TokenID, subject: String, role: Role, permissions: Set<Permission>, scope: OrganizationScope,
        tokenExpiresAt: Date? = nil, requestsPerMinute: Int? = nil
    ) {
        self.tokenExpiresAt = tokenExpiresAt
        self.requestsPerMinute = requestsPerMinute
        self.token = token
        self.subject = subject
        self.role = role
        self.permissions = permissions
        self.scope = scope
    }

    /// Whether the token allows it.
    public func may(_ permission: Permission) -> Bool { permissions.contains(permission) }
}

/// What a person or program is in an organisation.
public enum Role: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case owner, admin, staff
    case readOnly = "read_only"
    /// A CRM that may only trigger.
    case hook
    /// The operator of the deployment: the `/v1/admin` routes.
    case `operator`

    /// The higher, the more may be trusted to its holder.
    private var rank: Int {
        switch self {
        case .hook: 0
        case .readOnly: 1
        case .staff: 2
        case .admin: 3
        case .owner: 4
        case .operator: 5
        }
    }

    /// Whether a holder of this role may make others `other`: nobody raises anybody above themselves.
    public func mayGrant(_ other: Role) -> Bool { other.rank <= rank }

    /// What a token of this role may do unless it was issued for less.
    public var permissions: Set<Permission> {
        switch self {
        case .owner, .admin: Set(Permission.allCases).subtracting([.admin])
        case .staff:
            [
                .agentsRead, .conversationsRead, .conversationsWrite, .toolsRead, .toolsInvoke, .executionsRead,
                .executionsWrite, .tasksRead, .tasksWrite, .memoryRead, .memoryWrite, .eventsRead, .eventsWrite,
                .crmRead, .crmWrite, .billingRead, .approvalsRead, .approvalsDecide, .workflowsRead,
                .monitoringRead,
            ]
        case .readOnly:
            [
                .agentsRead, .conversationsRead, .toolsRead, .executionsRead, .tasksRead, .memoryRead, .eventsRead,
                .crmRead, .billingRead, .approvalsRead, .workflowsRead, .monitoringRead,
            ]
        // What comes in starts what triggers say; nothing can be read.
        case .hook: [.eventsWrite]
        case .operator: Set(Permission.allCases)
        }
    }
}

/// A scope of a token (OAuth's sense): each route asks for exactly one.
public enum Permission: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case agentsRead = "agents:read"
    case agentsWrite = "agents:write"
    /// For external agents: to give signs of life, to say how they are, and to answer calls.
    case agentsReport = "agents:report"
    case conversationsRead = "conversations:read"
    case conversationsWrite = "conversations:write"
    case toolsRead = "tools:read"
    case toolsInvoke = "tools:invoke"
    case executionsRead = "executions:read"
    case executionsWrite = "executions:write"
    /// Tasks, and the schedules that make them.
    case tasksRead = "tasks:read"
    case tasksWrite = "tasks:write"
    /// Graphs of work; to run one is `executions:write`.
    case workflowsRead = "workflows:read"
    case workflowsWrite = "workflows:write"
    case memoryRead = "memory:read"
    case memoryWrite = "memory:write"
    case eventsRead = "events:read"
    case eventsWrite = "events:write"
    case crmRead = "crm:read"
    case crmWrite = "crm:write"
    case tokensRead = "tokens:read"
    case tokensWrite = "tokens:write"
    /// What calls cost, and the budgets.
    case billingRead = "billing:read"
    case billingWrite = "billing:write"
    /// The ways in for messages of other systems, and what came by them.
    case hooksRead = "hooks:read"
    case hooksWrite = "hooks:write"
    case approvalsRead = "approvals:read"
    /// To decide where one is among the approvers.
    case approvalsDecide = "approvals:decide"
    /// Figures of the organisation and its alerts.
    case monitoringRead = "monitoring:read"
    /// To set alerts, and to record figures.
    case monitoringWrite = "monitoring:write"
    /// Who did what.
    case auditRead = "audit:read"
    case admin
}
