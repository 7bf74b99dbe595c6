import HTTPServerKit
import Testing

@testable import SpotterHTTP

/// The metrics of the whole process are for this machine, and for no proxy on it.
struct MetricsAccessTests {
    @Test(arguments: [
        "X-Forwarded-For", "x-forwarded-for", "X-FORWARDED-PROTO", "Forwarded", "forwarded", "Via", "X-Real-IP",
        "CF-Connecting-IP",
    ])
    func `a proxy is known by its fields, however it spells them`(_ name: String) {
        let access = MetricsAccess(token: nil)
        var headers = HTTPHeaders()
        headers.append("Host", "127.0.0.1:8080")
        #expect(!MetricsAccess.isForwarded(headers))
        #expect(access.admits(authorization: nil, from: "127.0.0.1", isForwarded: false))
        headers.append(name, "203.0.113.7")
        #expect(MetricsAccess.isForwarded(headers))
        #expect(!access.admits(authorization: nil, from: "127.0.0.1", isForwarded: true))
    }
}
