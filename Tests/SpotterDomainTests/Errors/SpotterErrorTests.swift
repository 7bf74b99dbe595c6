import SpotterDomain
import Testing

struct SpotterErrorTests {
    @Test(arguments: [
        ("unknown field", "`/naem` unknown field."),
        ("unknown field; did you mean \"name\"?", "`/naem` unknown field; did you mean \"name\"?"),
        ("is too long.", "`/naem` is too long."),
    ])
    func `what is wrong with a field is a sentence that ends once`(_ message: String, _ expected: String) {
        #expect(SpotterError.invalid("/naem", message).message == expected)
    }

    @Test func `the whole value is called so, and no issue at all still says something`() {
        #expect(SpotterError.invalid("", "must be an object").message == "The value must be an object.")
        #expect(SpotterError.invalid([FieldIssue]()).message == "The request is not valid.")
    }
}
