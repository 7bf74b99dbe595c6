import HTTPServerKit
import SpotterDomain

/// Answers with the content coding `gzip`, for whoever takes it.
///
/// How well something can be packed tells of what is in it: where an answer holds a secret beside words that a stranger
/// has chosen, its length gives the secret away (the attack known as BREACH). So only reads are packed: what is shown
/// once, such as a token or a hook's secret, answers a change. And those of tokens and of the dashboard's session are not.
enum Packing {
    /// Below this a packed answer needs as many packets as one that is not.
    static let least = 1_024
    /// Above this, packing would hold up the requests beside it on their loop.
    private static let mostAtOnce = 32_768
    private static let excluded: Set<String> = ["Tokens", DashboardRoutes.tag]

    /// The same answer, packed where it may be, can be, and gains by it.
    static func packed(_ reply: Reply, _ request: HTTPRequest, _ route: Route) async -> Reply {
        guard let bytes = body(reply, request, route) else { return reply }
        var reply = reply.with("vary", "Accept-Encoding, Origin")
        guard isAccepted(request.headers), let packed = await compress(bytes), packed.count < bytes.count else {
            return reply
        }
        reply.body = .bytes(packed)
        // Another coding is another representation, with a tag of its own (RFC 9110, 8.8.3.3).
        if let version = reply.version { reply = reply.with("etag", ETag.text(version, isPacked: true)) }
        return reply.with("content-encoding", "gzip")
    }

    /// What there is to pack.
    private static func body(_ reply: Reply, _ request: HTTPRequest, _ route: Route) -> [UInt8]? {
        guard !excluded.contains(route.tag), [.get, .head].contains(request.method), reply.status == 200,
            reply.contentType == "application/json" || reply.contentType.contains("text"),
            !reply.headers.contains(where: { $0.0 == "content-encoding" || $0.0 == "etag" || $0.0 == "vary" }),
            case .bytes(let bytes) = reply.body, bytes.count > least
        else { return nil }
        return bytes
    }

    private static func compress(_ bytes: [UInt8]) async -> [UInt8]? {
        guard bytes.count > mostAtOnce else { return Gzip.compress(bytes, effort: .least) }
        return await Task(executorPreference: globalConcurrentExecutor) { Gzip.compress(bytes, effort: .least) }.value
    }

    /// Whether `gzip` is among the codings, and not with a weight of nothing.
    static func isAccepted(_ headers: HTTPHeaders) -> Bool {
        var wanted: [String: Bool] = [:]
        for coding in headers.values(of: "accept-encoding").flatMap({ $0.split(separator: ",") }) {
            let parts = coding.split(separator: ";").map { $0.trimmed.lowercased() }
            guard let name = parts.first else { continue }
            wanted[name] = !parts.dropFirst().contains { part in
                part.hasPrefix("q=0") && !part.contains { ("1"..."9").contains($0) }
            }
        }
        // What is named counts, and only where it is not, what is said of all others.
        return wanted["gzip"] ?? wanted["x-gzip"] ?? wanted["*"] ?? false
    }
}
