import Foundation
import SpotterDomain
import Testing

struct ModelPriceTests {
    private static func json(_ changes: [String: JSONValue] = [:]) -> JSONValue {
        var object = JSONObject()
        object["model"] = "gpt-4o-mini"
        object["provider"] = "openai"
        object["input_per_million"] = "0.15"
        object["output_per_million"] = "0.60"
        object["cache_read_per_million"] = "0.075"
        object["currency"] = "USD"
        object["valid_from"] = "2024-10-01T00:00:00Z"
        for (name, value) in changes { object[name] = value }
        return .object(object)
    }

    private static func price(_ input: Decimal = 1, currency: String = "USD") -> ModelPrice {
        ModelPrice(
            model: "m", provider: "openai", inputPerMillion: input, outputPerMillion: 2, currency: currency,
            validFrom: Date(timeIntervalSince1970: 0))
    }

    @Test func `a price is read from decimal strings, exactly`() throws {
        let price = try Self.json().decoded(as: ModelPrice.self)
        #expect(price.model == "gpt-4o-mini" && price.provider == "openai" && price.currency == "USD")
        #expect(price.inputPerMillion == Decimal(sign: .plus, exponent: -2, significand: 15))
        #expect(price.outputPerMillion == Decimal(sign: .plus, exponent: -1, significand: 6))
        #expect(price.cacheReadPerMillion == Decimal(sign: .plus, exponent: -3, significand: 75))
        #expect(price.cacheWritePerMillion == nil)
        #expect(price.validFrom == Timestamp.date(from: "2024-10-01T00:00:00Z"))
    }

    @Test func `a price that was written is read back the same`() throws {
        let price = try Self.json(["cache_write_per_million": "999999.000001"]).decoded(as: ModelPrice.self)
        let written = try JSONValue(encoding: price)
        #expect(written["input_per_million"] == "0.15")
        #expect(written["cache_write_per_million"] == "999999.000001")
        #expect(try written.decoded(as: ModelPrice.self) == price)
    }

    @Test(arguments: [
        "", "-1", "+1", "1e3", "1x", ".5", "5.", "1,5", " 1", "1 ", "1.2.3", "NaN", "1234567", "0.1234567", "٣", "0x10",
    ])
    func `what is no plain decimal number is refused at its place`(text: String) throws {
        let json = Self.json(["output_per_million": .string(text)])
        let error = #expect(throws: SpotterError.self) { try json.decoded(as: ModelPrice.self) }
        #expect(error?.issues.map(\.pointer) == ["/output_per_million"])
        #expect(error?.issues.first?.message.hasPrefix("must be a decimal number such as 2.50") == true)
    }

    @Test func `a number is refused, as it went through a float`() {
        let error = #expect(throws: SpotterError.self) {
            try Self.json(["input_per_million": 0.15]).decoded(as: ModelPrice.self)
        }
        #expect(error?.issues.map(\.message) == ["must be a string, not a number"])
    }

    @Test func `the schema has the pattern and what each member means`() {
        let schema = JSONSchema.derived(from: ModelPrice.self)
        #expect(schema["input_per_million"]?.schema.pattern == #"^[0-9]{1,6}(\.[0-9]{1,6})?$"#)
        #expect(schema.properties.allSatisfy { $0.schema.description?.isEmpty == false })
        let optional = schema.properties.filter { !$0.isRequired }.map(\.name)
        #expect(optional == ["cache_read_per_million", "cache_write_per_million"])
    }

    @Test func `a list tells every price that is not sound`() {
        var spaced = Self.price()
        spaced.model = "m "
        var tiny = Self.price()
        tiny.cacheReadPerMillion = Decimal(sign: .plus, exponent: -7, significand: 1)
        let prices = [Self.price(), Self.price(-1), Self.price(currency: "EUR"), spaced, tiny, Self.price(.nan)]
        #expect(
            prices.issues.map(\.pointer) == [
                "/1/input_per_million", "/1/model", "/2/currency", "/2/model", "/3/model",
                "/4/cache_read_per_million", "/4/model", "/5/input_per_million", "/5/model",
            ])
        #expect([Self.price()].issues.isEmpty)
    }

    @Test func `a model may have prices of several times and of several providers`() {
        var later = Self.price()
        later.validFrom += 1
        var elsewhere = Self.price()
        elsewhere.provider = "anthropic"
        #expect([Self.price(), later, elsewhere].issues.isEmpty)
    }
}
