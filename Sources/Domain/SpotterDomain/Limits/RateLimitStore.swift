public import Foundation

/// What requests are counted in. Each is a bucket of its own, of one organisation.
public enum RateBucket: Sendable, Hashable {
    /// Every request with one of the organisation's tokens.
    case organization
    /// Those with one token.
    case token(TokenID)
    /// Those that list, issue and revoke tokens.
    case tokens
    /// Messages of other systems that were believed.
    case hooks
    /// What people have hooks send anew, or only to see that it comes through.
    case hookTests

    /// The key it is stored under; for a token its id belongs to it.
    public var key: String {
        switch self {
        case .organization: "organization"
        case .token(let id): "token:\(id.uuid.uuidString.lowercased())"
        case .tokens: "tokens"
        case .hooks: "hooks"
        case .hookTests: "hook-tests"
        }
    }

    /// What answers call it.
    public var name: String {
        switch self {
        case .organization: "organization"
        case .token: "token"
        case .tokens: "tokens"
        case .hooks: "hooks"
        case .hookTests: "hook-tests"
        }
    }
}

/// Tokens that were taken from a shared bucket, and what is known of it since.
public struct RateLease: Sendable, Hashable {
    /// What the bucket holds when it is full, and gets in a minute.
    public let quota: Int
    /// How many tokens were taken; 0 where none is left.
    public let granted: Int
    /// What is left in the bucket; negative where requests were let through on credit.
    public let remaining: Double
    /// How much calls of models may cost.
    public let cost: CostLimits

    /// A lease.
    public init(quota: Int, granted: Int, remaining: Double, cost: CostLimits = CostLimits()) {
        self.quota = quota
        self.granted = granted
        self.remaining = remaining
        self.cost = cost
    }
}

/// How much the calls of an organisation's models may cost, in dollars that are billed, before requests for more have to
/// wait. Beside the budgets, which stop what is under way.
public struct CostLimits: Sendable, Hashable {
    /// In the last minute; nil for any amount.
    public var perMinute: Decimal?
    /// In the last hour; nil for any amount.
    public var perHour: Decimal?

    /// Limits, each of which may be left out.
    public init(perMinute: Decimal? = nil, perHour: Decimal? = nil) {
        self.perMinute = perMinute
        self.perHour = perHour
    }

    /// Whether anything is limited.
    public var isEmpty: Bool { perMinute == nil && perHour == nil }
}

/// How many requests a minute there may be, where nothing else is said.
public enum RateDefaults {
    /// Of an organisation.
    public static func requests(of plan: Organization.Plan) -> Int {
        switch plan {
        case .starter: 3_000
        case .pro: 12_000
        case .enterprise: 60_000
        }
    }

    /// Of one token: three quarters of what its organisation has, so that a program gone wild leaves room for others.
    public static func requests(ofTokenIn organization: Int) -> Int { max(1, organization * 3 / 4) }

    /// For tokens: to list, issue and revoke them.
    public static let tokens = 60

    /// Tests and repetitions of what hooks send: each is a message to somebody else's server.
    public static let hookTests = 30

    /// The quota of a bucket.
    ///
    /// - Parameter own: what the token's record says, for a token's bucket.
    public static func quota(
        of bucket: RateBucket, plan: Organization.Plan, limits: TenantDefinition.Limits, own: Int?
    ) -> Int {
        let whole = limits.requestsPerMinute ?? requests(of: plan)
        return switch bucket {
        case .organization: whole
        case .token: min(whole, own ?? limits.tokenRequestsPerMinute ?? requests(ofTokenIn: whole))
        case .tokens: tokens
        case .hooks: limits.hooksPerMinute ?? whole
        case .hookTests: hookTests
        }
    }
}

/// Where the buckets are that all processes spend from.
public protocol RateLimitStore: Sendable {
    /// Takes a slice of a bucket, in one statement: what the bucket has got since the last time and `balance` are added,
    /// never to more than its quota, and of what there is a slice is taken, or at least as many as `atLeast`.
    ///
    /// - Parameters:
    ///   - balance: what goes back into the bucket; negative for what was spent on credit, down to a quota below empty.
    ///   - atLeast: how many requests wait.
    /// - Throws: `notFound` when the organisation does not exist.
    func lease(
        _ bucket: RateBucket, balance: Double, atLeast: Int, in scope: OrganizationScope
    ) async throws -> RateLease
}
