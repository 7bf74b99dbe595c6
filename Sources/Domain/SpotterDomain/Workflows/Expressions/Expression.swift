/// A condition or a value in the small language of workflows: it reads what a run knows and does nothing else.
///
/// There are no assignments, loops, definitions or calls of anything but the functions of ``ExpressionFunction``; its
/// length, its depth, its work and its result are bounded, so that it always ends, with a value or an
/// ``ExpressionError``. The article on workflows describes the language.
public struct Expression: Sendable, Hashable, CustomStringConvertible {
    /// As it was written.
    public let text: String
    let root: ExpressionNode

    /// The most characters of an expression.
    public static let longest = 4_000
    /// How deep parentheses, brackets, calls and signs may stand in each other.
    public static let deepest = 50
    /// The most bytes of a string that an expression makes.
    public static let longestString = 100_000

    /// Reads an expression.
    public init(_ text: String) throws(ExpressionError) {
        self.text = text
        var parser = try ExpressionParser(text)
        root = try parser.expression()
    }

    /// The text.
    public var description: String { text }

    /// What it gives.
    ///
    /// - Throws: an error with its place in the text, where the values do not fit what is done with them.
    public func evaluate(in scope: ExpressionScope) throws(ExpressionError) -> JSONValue {
        var evaluator = ExpressionEvaluator(scope: scope)
        return try evaluator.value(of: root)
    }

    /// Whether it holds: it must give true or false; null counts as false.
    public func isTrue(in scope: ExpressionScope) throws(ExpressionError) -> Bool {
        var evaluator = ExpressionEvaluator(scope: scope)
        return try evaluator.truth(of: root)
    }
}

/// A part of an expression.
struct ExpressionNode: Sendable, Hashable {
    indirect enum Kind: Sendable, Hashable {
        case literal(JSONValue)
        /// Something of the scope, and what is read of it.
        case path(root: String, [Accessor])
        /// What is read of something that was made.
        case access(ExpressionNode, [Accessor])
        case list([ExpressionNode])
        case not(ExpressionNode)
        case negative(ExpressionNode)
        case all([ExpressionNode])
        case any([ExpressionNode])
        case comparison(ExpressionNode, Comparison, ExpressionNode)
        /// From the left to the right; a chain is flat, so that its length is no depth.
        case arithmetic(ExpressionNode, [Term])
        case call(ExpressionFunction, [ExpressionNode])
    }

    enum Accessor: Sendable, Hashable {
        case name(String, at: Int)
        case index(ExpressionNode)
    }

    enum Comparison: String, Sendable, Hashable {
        case equal = "=="
        case different = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case within = "in"
        case notWithin = "not in"
    }

    enum Operator: String, Sendable, Hashable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case over = "/"
        case modulo = "%"
    }

    struct Term: Sendable, Hashable {
        let operation: Operator
        let operand: ExpressionNode
        let at: Int
    }

    let kind: Kind
    /// The place of its first character, or of its operator; the first of the text is 1.
    let at: Int

    init(_ kind: Kind, at: Int) {
        self.kind = kind
        self.at = at
    }

    /// Whether it reads nothing of the scope, so that it always gives the same.
    var isConstant: Bool {
        switch kind {
        case .literal: true
        case .path: false
        case .access(let base, let accessors):
            base.isConstant
                && accessors.allSatisfy { if case .index(let index) = $0 { index.isConstant } else { true } }
        case .list(let parts), .all(let parts), .any(let parts), .call(_, let parts): parts.allSatisfy(\.isConstant)
        case .not(let part), .negative(let part): part.isConstant
        case .comparison(let left, _, let right): left.isConstant && right.isConstant
        case .arithmetic(let first, let terms): first.isConstant && terms.allSatisfy(\.operand.isConstant)
        }
    }
}
