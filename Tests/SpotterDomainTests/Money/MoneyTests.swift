import Foundation
import SpotterDomain
import Testing

struct MoneyTests {
    @Test func `amounts add without a rounding error`() {
        let cent = Money(Decimal(sign: .plus, exponent: -2, significand: 1), "GBP")
        let sum = (0..<1_000).reduce(Money(0, "GBP")) { sum, _ in sum + cent }
        #expect(sum == Money(10, "GBP"))
    }

    @Test(arguments: ["0", "1", "-1.5", "0.000000123456789", "123456789012345678901234567890", "12.50"])
    func `an amount is a decimal string and comes back exactly`(_ amount: String) throws {
        let json: JSONValue = ["amount": .string(amount), "currency": "GBP"]
        let money = try json.decoded(as: Money.self)
        let again = try JSONValue(encoding: money).decodedUnchecked(as: Money.self)
        #expect(again == money)
        #expect(money.amount == Decimal(string: amount, locale: Locale(identifier: "en_US_POSIX")))
    }

    @Test(arguments: ["", "x", "1x", "1,5", "1.", ".5", "1e5", " 1", "1 ", "--1", "+1", "0x10", "NaN", "1.2.3", "١"])
    func `what is no decimal number is refused, not read in part`(_ amount: String) {
        let json: JSONValue = ["amount": .string(amount), "currency": "GBP"]
        let error = #expect(throws: SpotterError.self) { try json.decodedUnchecked(as: Money.self) }
        #expect(error?.code == .invalid)
    }

    @Test func `costs add part by part`() {
        let cost = Cost(base: Money(1, "USD"), markup: Money(2, "USD"), billed: Money(3, "USD"))
        #expect(cost + .zero == cost)
        #expect((cost + cost).billed == Money(6, "USD"))
    }
}
