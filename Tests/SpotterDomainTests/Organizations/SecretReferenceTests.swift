import SpotterDomain
import Testing

struct SecretReferenceTests {
    @Test(arguments: [
        ("env:OPENAI_API_KEY", SecretReference.environment("OPENAI_API_KEY")), ("env:_a1", .environment("_a1")),
        ("file:/run/secrets/key", .file("/run/secrets/key")), ("file:keys/a b", .file("keys/a b")),
    ])
    func `a reference is read and written`(text: String, reference: SecretReference) {
        #expect(SecretReference(text) == reference)
        #expect(reference.description == text)
    }

    @Test(arguments: [
        "", "sk-live-4eC39HqLyjWDarjtT1zdp7dc", "env:", "file:", "env:1A", "env:A-B", "env:A B", "ENV:A", "env:Ä",
        "env: A", "file:a\nb", "vault:key",
    ])
    func `anything else is not a reference`(text: String) {
        #expect(SecretReference(text) == nil)
    }
}
