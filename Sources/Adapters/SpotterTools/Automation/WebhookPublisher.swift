import Foundation
public import HTTPClientKit
public import SpotterDomain

/// Hands posts to the publishing service that an operator has named (`http.posts_to`): one POST of JSON for each.
///
/// The service answers with a 2xx when it has taken the post, perhaps with `{"id": …}`. The key goes along as
/// `Idempotency-Key`, so that a post is not taken twice when an answer is lost.
public struct WebhookPublisher: PostPublisher {
    private let client: GuardedClient
    private let policies: any HTTPPolicies
    /// The wait after a service that cannot take a post now.
    private static let pause: TimeInterval = 300

    /// A way out under the organisations' policies, which are asked anew for each post.
    public init(client: GuardedClient, policies: any HTTPPolicies) {
        self.client = client
        self.policies = policies
    }

    /// Sends the post.
    public func publish(_ post: PostView, key: String, in scope: OrganizationScope) async -> PostOutcome {
        let policy = policies.policy(in: scope)
        guard let url = policy.postsTo else { return await NoPublisher().publish(post, key: key, in: scope) }
        var request = OutgoingRequest("POST", url, headers: MessageHeaders(), body: Self.document(post).bytes)
        for (name, value) in [
            ("Content-Type", "application/json"), ("Accept", "application/json"), ("User-Agent", "Spotter"),
            ("Idempotency-Key", key),
        ] { request.headers.append(name, value) }
        request.deadline = .seconds(20)
        request.connectTimeout = .seconds(10)
        request.responseByteLimit = 64 * 1024
        request.truncatesBody = true
        do {
            let answer = try await client.send(
                request, under: OutboundPolicy(policy), partition: scope.organization.description)
            return Self.outcome(answer.response)
        } catch let error as GuardedError {
            let reason = HTTPFailureText(policy: policy, isRepeatable: true).sentence(for: error)
            guard case .transport = error else { return .failed(reason) }
            return .postponed(until: Date().addingTimeInterval(Self.pause), reason)
        } catch {
            return .postponed(until: Date().addingTimeInterval(Self.pause), "The request was given up.")
        }
    }

    private static func document(_ post: PostView) -> JSONValue {
        var row = ToolRow()
        row.set("post_id", post.id)
        row.set("platform", post.platform.rawValue)
        row.set("text", post.text)
        row.set("content", post.content)
        row.set("hashtags", .array(post.hashtags.map { .string($0) }))
        row.set("media_url", post.mediaUrl)
        row.set("scheduled_at", post.scheduledAt.map { Timestamp.string(from: $0) })
        return row.json
    }

    private static func outcome(_ response: OutgoingResponse) -> PostOutcome {
        switch response.status {
        case 200..<300:
            let answer = try? JSONParser.parse(response.body)
            let id = answer?["id"].flatMap { $0.string ?? $0.object.map { _ in "" } ?? $0.description }
            return .published(id: id.flatMap { $0.isEmpty ? nil : String($0.prefix(200)) })
        case 408, 425, 429, 500...:
            return .postponed(
                until: Date().addingTimeInterval(pause), "The publishing service answered \(response.status).")
        default:
            return .failed("The publishing service refused the post with status \(response.status).")
        }
    }
}
