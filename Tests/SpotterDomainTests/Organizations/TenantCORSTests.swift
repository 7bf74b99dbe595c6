import SpotterDomain
import Testing

struct TenantCORSTests {
    @Test(arguments: [
        "https://app.example.com", "https://example.com:8443", "http://localhost:3000", "http://127.0.0.1:5173",
    ])
    func `an origin as browsers write it may be allowed`(_ text: String) {
        #expect(WebOrigin(text)?.description == text)
    }

    @Test(arguments: [
        "*", "null", "", "https://", "https://*", "https://*.example.com", "http://example.com", "https://example.com/",
        "https://example.com/a", "https://Example.com", "https://example.com:443", "http://localhost:80",
        "https://example.com:0", "https://example.com:099", "https://example.com:99999", "https://user@example.com",
        "https://example.com?x", "ftp://example.com", "javascript:alert(1)", "https://-a.example", "https://a..b",
        "https://example.com\r\nx: y", " https://example.com", "https://example.com:80:80",
    ])
    func `anything else may not`(_ text: String) {
        #expect(WebOrigin(text) == nil)
    }
}
