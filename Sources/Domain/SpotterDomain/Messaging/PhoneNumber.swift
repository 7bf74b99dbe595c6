/// A phone number in E.164: a plus, the country, the number; 8 to 15 digits.
public struct PhoneNumber: Sendable, Hashable, CustomStringConvertible {
    /// Such as `+442079460018`.
    public let description: String

    /// Reads a number as people write it, with spaces, hyphens, dots, slashes and brackets.
    ///
    /// - Parameter countryCode: what a number without a country begins with, such as `+44`; its leading zero goes. nil
    ///   refuses such numbers.
    public init?(_ text: String, countryCode: String? = nil) {
        var digits = ""
        var isInternational = false
        for (index, character) in text.filter({ !" \u{A0}-.()/".contains($0) }).enumerated() {
            if character == "+", index == 0 {
                isInternational = true
            } else if character.isASCII, character.isNumber {
                digits.append(character)
            } else {
                return nil
            }
        }
        if !isInternational, digits.hasPrefix("00") {
            digits.removeFirst(2)
            isInternational = true
        }
        if !isInternational {
            guard let countryCode, countryCode.hasPrefix("+") else { return nil }
            if digits.hasPrefix("0") { digits.removeFirst() }
            digits = countryCode.dropFirst() + digits
        }
        guard (8...15).contains(digits.utf8.count), !digits.hasPrefix("0") else { return nil }
        description = "+" + digits
    }
}
