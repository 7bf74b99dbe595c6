import SpotterDomain
import Testing

struct SecretValueTests {
    @Test(arguments: ["sk-canary-0123", "sk-canary-0123\n", "sk-canary-0123\r\n"])
    func `one line feed at the end is dropped`(text: String) throws {
        #expect(try SecretValue(text).text == "sk-canary-0123")
    }

    @Test(arguments: [
        "", "\n", "canary", "canary canary", "canary-0123\n\n", "canary-0123\ncanary", "canary\tcanary",
        "canary-0123\u{0}", "cänary-0123", "“canary-0123”", " canary-0123", String(repeating: "canary-", count: 600),
    ])
    func `what cannot be a key is refused, and nothing of it repeated`(text: String) {
        let error = #expect(throws: SpotterError.self) { try SecretValue(text) }
        #expect(error?.code == .invalid)
        #expect(error?.issues.first?.pointer == "value")
        #expect(!"\(String(reflecting: error))".contains("nary"))
    }

    @Test func `it shows itself to nobody`() throws {
        let value = try SecretValue("sk-canary-0123456789")
        var dumped = ""
        dump(["key": value], to: &dumped)
        for text in ["\(value)", String(reflecting: value), String(describing: Optional(value)), dumped] {
            #expect(!text.contains("canary"))
        }
    }

    @Test func `only a long one has a hint`() throws {
        #expect(try SecretValue("sk-canary-0123456789").hint == "6789")
        #expect(try SecretValue("sk-canary-012345678").hint == nil)
    }

    @Test(arguments: ["provider:openai", "provider:a.b-c_1", "webhook:x"])
    func `a name has a kind and a word`(text: String) { #expect(SecretName(text)?.rawValue == text) }

    @Test(arguments: ["", "openai", "provider:", ":openai", "Provider:x", "provider:X", "provider:a b", "provider:-a"])
    func `any other name is none`(text: String) { #expect(SecretName(text) == nil) }
}
