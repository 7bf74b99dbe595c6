import ServiceKit
public import SpotterDomain
public import SpotterEngine
import SpotterTokens

/// The same policy for every organisation.
public struct OnePolicy: ToolPolicies {
    private let policy: ToolPolicy

    /// That of an organisation which says nothing, unless another is given.
    public init(_ policy: ToolPolicy = ToolPolicy()) { self.policy = policy }

    /// It.
    public func toolPolicy(in scope: OrganizationScope) -> ToolPolicy { policy }
}

extension ToolCaller {
    /// A caller of these tools under one policy.
    public static func scripted(
        _ tools: ToolSet, policy: ToolPolicy = ToolPolicy(), clock: any WallClock
    ) -> ToolCaller {
        ToolCaller(tools: tools, policies: OnePolicy(policy), digest: SHA256Digest(), clock: clock, log: .silent)
    }
}
