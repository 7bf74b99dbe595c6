import HTTPServerKit
import Testing

@Suite struct URLQueryTests {
    @Test func `parameters are decoded and keep their order`() throws {
        let query = try URLQuery("b=1&a=%C3%BC+x&b=2&flag&=empty&c=d=e&&p=%2B")
        #expect(query.parameters.map(\.name) == ["b", "a", "b", "flag", "", "c", "p"])
        #expect(query.parameters.map(\.value) == ["1", "ü x", "2", "", "empty", "d=e", "+"])
        #expect(query["a"] == "ü x")
        #expect(query.values(of: "b") == ["1", "2"])
        #expect(query["missing"] == nil)
    }

    @Test(arguments: [nil, "", "&", "&&"])
    func `nothing has no parameters`(_ text: String?) throws {
        #expect(try URLQuery(text).parameters.isEmpty)
    }

    @Test(arguments: ["a=%", "a=%1", "a=%zz", "%=a", "a=%1z", "a=%-1"])
    func `a malformed escape is refused`(_ text: String) {
        #expect(throws: URLDecodingError.malformedEscape) { try URLQuery(text) }
    }

    @Test(arguments: ["a=%FF", "a=%C3", "a=%C0%80", "a=%ED%A0%80", "%80=a"])
    func `what is no UTF-8 is refused`(_ text: String) {
        #expect(throws: URLDecodingError.invalidUTF8) { try URLQuery(text) }
    }

    @Test func `the number of parameters is bounded`() throws {
        #expect(try URLQuery("a&b", limit: 2).parameters.count == 2)
        #expect(throws: URLDecodingError.tooManyParameters(limit: 2)) { try URLQuery("a&b&c", limit: 2) }
    }

    @Test func `in a path a plus stands for itself`() throws {
        #expect(try PercentDecoding.decode("a+b%20c%2fd") == "a+b c/d")
        #expect(try PercentDecoding.decode("") == "")
        #expect(throws: URLDecodingError.malformedEscape) { try PercentDecoding.decode("%4") }
    }
}
