import HTTPServerKit
import SpotterDomain

/// The header fields of answers. Most are the same each time, so they are put together once.
enum ResponseFields {
    static func response(_ reply: Reply, _ requestID: String) -> HTTPResponse {
        let isJSON = reply.contentType == "application/json"
        var headers =
            reply.version == nil ? (isJSON ? uncachedJSON : uncached) : (isJSON ? cachedJSON : cached)
        if !isJSON, !reply.contentType.isEmpty { headers.append("content-type", reply.contentType) }
        if let version = reply.version { headers.append("etag", ETag.text(version)) }
        headers.append("x-request-id", requestID)
        for (name, value) in reply.headers { headers[name] = value }
        return HTTPResponse(status: reply.status, headers: headers, body: reply.body)
    }

    private static let uncached: HTTPHeaders = ["x-content-type-options": "nosniff", "cache-control": "no-store"]
    private static let cached: HTTPHeaders = [
        "x-content-type-options": "nosniff", "cache-control": "private, no-cache",
    ]
    private static let uncachedJSON = json(uncached)
    private static let cachedJSON = json(cached)

    private static func json(_ fields: HTTPHeaders) -> HTTPHeaders {
        var fields = fields
        fields.append("content-type", "application/json")
        return fields
    }
}
