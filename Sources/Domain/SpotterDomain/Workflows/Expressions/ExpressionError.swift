/// Why an expression cannot be read, or gave no value.
public struct ExpressionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Stable names.
    public enum Code: String, Sendable, Hashable, CaseIterable {
        /// It does not follow the grammar.
        case syntax = "invalid_expression"
        /// It is longer or deeper than expressions may be, or what came of it is larger than results may be.
        case tooLarge = "expression_too_large"
        /// It names something that is not there.
        case unknownName = "unknown_name"
        /// An operator or a function was given what it cannot work with.
        case typeMismatch = "type_mismatch"
        /// Something was divided by zero.
        case divisionByZero = "division_by_zero"
        /// A number is outside of what numbers can hold.
        case outOfRange = "number_out_of_range"
    }

    /// What sort of error it is.
    public let code: Code
    /// Where in the text: the first character is 1.
    public let position: Int
    /// What is wrong, for people, without the place.
    public let message: String

    /// An error at a place.
    public init(_ code: Code, at position: Int, _ message: String) {
        self.code = code
        self.position = position
        self.message = message
    }

    /// The message with the place.
    public var description: String { "at character \(position): \(message)" }

    /// The same error in a text in which the expression begins that many characters later.
    func moved(by characters: Int) -> ExpressionError {
        ExpressionError(code, at: position + characters, message)
    }
}
