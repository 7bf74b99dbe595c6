import SpotterDomain
import Testing

struct HTTPPolicyTests {
    @Test(arguments: [
        ("api.example.com", "api.example.com", true), ("API.Example.com", "api.example.com", true),
        ("api.example.com", "xapi.example.com", false), ("api.example.com", "api.example.com.evil.test", false),
        ("*.gym.test", "a.gym.test", true), ("*.gym.test", "a.b.gym.test", true), ("*.gym.test", "gym.test", false),
        ("*.gym.test", "evilgym.test", false), ("*.gym.test", ".gym.test", false),
        ("*.gym.test", "a.gym.test.evil.test", false), ("127.0.0.1", "127.0.0.1", true),
    ])
    func `a pattern matches whole names, or what stands below a name`(pattern: String, host: String, matches: Bool)
        throws
    {
        #expect(try #require(HostPattern(pattern)).matches(host) == matches)
    }

    @Test(arguments: [
        "", "*", "*.", "*.com", "a.*.com", "**.gym.test", "https://a.b", "a.b:443", "a.b/", "a b", "a..b", ".a.b",
        "a.b.",
        "-a.b", "a-.b", "münchen.de", "[::1]", "*.0.0.1", "user@a.b", String(repeating: "a", count: 64) + ".b",
    ])
    func `anything else is no pattern`(text: String) { #expect(HostPattern(text) == nil) }

    @Test func `a policy allows nothing unless told, and does not show its secrets`() {
        #expect(!HTTPPolicy().allows(host: "api.example.com"))
        let credential = HTTPPolicy.Credential(host: "A.test", header: "X-Key", value: "canary")
        var dumped = ""
        dump(credential, to: &dumped)
        #expect(!"\(credential) \(String(reflecting: credential)) \(dumped)".contains("canary"))
        #expect(credential.host == "a.test")
    }
}
