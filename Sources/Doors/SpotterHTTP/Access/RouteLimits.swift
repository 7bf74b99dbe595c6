import HTTPServerKit
import SpotterDomain

/// Which buckets a request to a route is counted in.
enum RouteLimits: Sendable, Hashable {
    /// Always answers: how the server is.
    case health
    /// Open to everybody: by address.
    case open
    /// Open, and a guess at a secret: by address, and by failures.
    case secret
    /// With a token: by organisation and token.
    case caller
    /// With a token, about tokens: by a small bucket of their own, too.
    case tokens

    /// What anybody may send who has something signed.
    private static let signed: Set = [HookReceptionRoutes.tag, ApprovalLinkRoutes.tag, UnsubscribeRoutes.tag]

    /// Those of a route, by what it is: none can be added without.
    init(permission: Permission?, tag: String, path: String) {
        if permission != nil {
            self = tag == "Tokens" ? .tokens : .caller
        } else if tag == "Health" || path == "/metrics" {
            self = .health
        } else {
            self = Self.signed.contains(tag) ? .secret : .open
        }
    }

    /// The buckets of the caller's organisation, the smallest first.
    func buckets(of token: TokenID) -> [RateBucket] {
        switch self {
        case .health, .open, .secret: []
        case .caller: [.token(token), .organization]
        case .tokens: [.tokens, .token(token), .organization]
        }
    }

    /// Operations that start calls of models: those that a limit of cost makes wait.
    static let costly: Set<String> = [
        "sendMessage", "regenerateMessage", "executeTask", "executePlan", "startWorkflow", "startSession",
        "orchestrate", "compressSession", "executeWorkflowAction", "invokeTool", "replayHookDelivery",
        "retryExecution", "resumeExecution", "answerExecution", "reviewStep", "requeueDead",
    ]
}
