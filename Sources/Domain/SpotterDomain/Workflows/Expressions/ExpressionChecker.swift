/// Finds what is wrong with an expression before it is worked out: names of nothing, operators given what they never
/// take, comparisons that always come out the same, and constants that have no value.
struct ExpressionChecker<Vocabulary: ExpressionVocabulary> {
    let vocabulary: Vocabulary
    private(set) var errors: [ExpressionError] = []

    init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }

    /// What is known of what it gives.
    mutating func facts(of expression: Expression) -> ExpressionFacts { facts(of: expression.root) }

    /// Reports what cannot be true or false.
    mutating func checkCondition(_ expression: Expression) {
        let before = errors.count
        let kinds = facts(of: expression.root).kinds
        if errors.count == before, !kinds.contains(.boolean) {
            report(.typeMismatch, at: expression.root.at, "a condition must be true or false, not \(kinds.words)")
        }
    }

    private mutating func report(_ code: ExpressionError.Code, at place: Int, _ message: String) {
        errors.append(ExpressionError(code, at: place, message))
    }

    private mutating func facts(of node: ExpressionNode) -> ExpressionFacts {
        if node.isConstant { return constant(node) }
        switch node.kind {
        case .literal(let value): return ExpressionFacts(ExpressionKinds(of: value))
        case .path(let root, let accessors): return path(root, accessors, at: node.at)
        case .access(let base, let accessors):
            checkIndices(accessors)
            return read(of: facts(of: base), accessors, at: node.at)
        case .list(let parts):
            for part in parts { _ = facts(of: part) }
            return ExpressionFacts(.array)
        case .not(let part):
            need(.boolean, of: part, by: "not")
            return ExpressionFacts(.boolean)
        case .all(let parts):
            for part in parts { need(.boolean, of: part, by: "and") }
            return ExpressionFacts(.boolean)
        case .any(let parts):
            for part in parts { need(.boolean, of: part, by: "or") }
            return ExpressionFacts(.boolean)
        case .negative(let part):
            need(.number, of: part, by: "-")
            return ExpressionFacts(.number)
        case .comparison(let left, let comparison, let right):
            compare(left, comparison, right, at: node.at)
            return ExpressionFacts(.boolean)
        case .arithmetic(let first, let terms): return arithmetic(first, terms)
        case .call(let function, let arguments): return call(function, arguments)
        }
    }

    private mutating func constant(_ node: ExpressionNode) -> ExpressionFacts {
        var evaluator = ExpressionEvaluator(scope: ExpressionScope())
        do throws(ExpressionError) {
            let value = try evaluator.value(of: node)
            return ExpressionFacts(ExpressionKinds(of: value), values: value.string.map { [$0] })
        } catch {
            errors.append(error)
            return .anything
        }
    }

    /// What a part must be able to be; null stands for false, and for nothing else.
    @discardableResult
    private mutating func need(
        _ wanted: ExpressionKinds, of node: ExpressionNode, by name: String
    ) -> ExpressionFacts {
        let before = errors.count
        let facts = facts(of: node)
        let accepted = wanted == .boolean ? wanted.union(.null) : wanted
        if errors.count == before, facts.kinds.whenThere.isDisjoint(with: accepted) {
            report(.typeMismatch, at: node.at, "\(name) needs \(wanted.words), not \(facts.kinds.words)")
        }
        return facts
    }

    // MARK: Reading

    private mutating func checkIndices(_ accessors: [ExpressionNode.Accessor]) {
        for case .index(let index) in accessors { need([.number, .string], of: index, by: "[]") }
    }

    private mutating func path(
        _ root: String, _ accessors: [ExpressionNode.Accessor], at place: Int
    ) -> ExpressionFacts {
        checkIndices(accessors)
        var names: [String] = []
        for accessor in accessors {
            guard case .name(let name, _) = accessor else { break }
            names.append(name)
        }
        let reference = ExpressionReference(
            root: root, names: names, isWhole: names.count == accessors.count, at: place)
        do throws(ExpressionError) {
            return try vocabulary.facts(of: reference)
        } catch {
            errors.append(error)
            return .anything
        }
    }

    private mutating func read(
        of base: ExpressionFacts, _ accessors: [ExpressionNode.Accessor], at place: Int
    ) -> ExpressionFacts {
        if base.kinds.isDisjoint(with: [.array, .object]) {
            report(.typeMismatch, at: place, "\(base.kinds.words) has nothing that could be read of it")
        }
        return .anything
    }

    // MARK: Operators

    private mutating func compare(
        _ left: ExpressionNode, _ comparison: ExpressionNode.Comparison, _ right: ExpressionNode, at place: Int
    ) {
        let before = errors.count
        let (left, right) = (facts(of: left), facts(of: right))
        guard errors.count == before else { return }
        let sign = comparison.rawValue
        switch comparison {
        case .equal, .different:
            let isWithNull = left.kinds == .null || right.kinds == .null
            if !isWithNull, left.kinds.whenThere.isDisjoint(with: right.kinds.whenThere) {
                report(
                    .typeMismatch, at: place,
                    "\(sign) compares \(left.kinds.words) with \(right.kinds.words), which are never the same")
            } else if let message = Self.neverEqual(left, right) ?? Self.neverEqual(right, left) {
                report(.typeMismatch, at: place, message)
            }
        case .within, .notWithin:
            if right.kinds.whenThere.isDisjoint(with: [.array, .string, .object]) {
                report(.typeMismatch, at: place, "\(sign) needs a list, a text or an object, not \(right.kinds.words)")
            }
        default:
            let shared = left.kinds.intersection(right.kinds)
            if shared.isDisjoint(with: [.number, .string]) {
                report(
                    .typeMismatch, at: place,
                    "\(sign) needs two numbers or two texts, not \(left.kinds.words) and \(right.kinds.words)")
            }
        }
    }

    /// A text that is compared with one of few that it never is.
    private static func neverEqual(_ one: ExpressionFacts, _ other: ExpressionFacts) -> String? {
        guard one.kinds.isSubset(of: [.string, .null]), let values = one.values, values.count > 1,
            other.kinds == .string, let literal = other.values?.first, other.values?.count == 1,
            !values.contains(literal)
        else { return nil }
        return "\"\(literal.prefix(60))\" is none of \(values.joined(separator: ", "))"
            + DidYouMean.hint(for: literal, among: values)
    }

    private mutating func arithmetic(_ first: ExpressionNode, _ terms: [ExpressionNode.Term]) -> ExpressionFacts {
        var before = errors.count
        var kinds = facts(of: first).kinds
        for term in terms {
            let right = facts(of: term.operand).kinds
            let taken: ExpressionKinds = term.operation == .plus ? [.number, .string, .array] : .number
            let shared = kinds.intersection(right).intersection(taken)
            if errors.count == before, shared.isEmpty {
                let needs = term.operation == .plus ? "two numbers, two texts or two lists" : "two numbers"
                report(
                    .typeMismatch, at: term.at,
                    "\(term.operation.rawValue) needs \(needs), not \(kinds.words) and \(right.words)")
            }
            before = errors.count
            kinds = shared.isEmpty ? taken : shared
        }
        return ExpressionFacts(kinds)
    }

    private mutating func call(_ function: ExpressionFunction, _ arguments: [ExpressionNode]) -> ExpressionFacts {
        let name = function.rawValue
        switch function {
        case .default:
            let (first, second) = (facts(of: arguments[0]), facts(of: arguments[1]))
            return ExpressionFacts(first.kinds.subtracting(.null).union(second.kinds))
        case .if:
            need(.boolean, of: arguments[0], by: name)
            return ExpressionFacts(facts(of: arguments[1]).kinds.union(facts(of: arguments[2]).kinds))
        case .exists, .string:
            _ = facts(of: arguments[0])
            return ExpressionFacts(function == .exists ? .boolean : .string)
        case .len:
            need([.string, .array, .object, .null], of: arguments[0], by: name)
            return ExpressionFacts(.number)
        case .contains:
            need([.string, .array, .object, .null], of: arguments[0], by: name)
            _ = facts(of: arguments[1])
            return ExpressionFacts(.boolean)
        case .startsWith, .endsWith:
            for argument in arguments { need(.string, of: argument, by: name) }
            return ExpressionFacts(.boolean)
        case .lower, .upper, .trim:
            need(.string, of: arguments[0], by: name)
            return ExpressionFacts(.string)
        case .join:
            need(.array, of: arguments[0], by: name)
            need(.string, of: arguments[1], by: name)
            return ExpressionFacts(.string)
        case .number:
            need([.string, .number, .null], of: arguments[0], by: name)
            return ExpressionFacts([.number, .null])
        case .min, .max:
            for argument in arguments {
                need(arguments.count == 1 ? [.number, .array] : .number, of: argument, by: name)
            }
            return ExpressionFacts(arguments.count == 1 ? [.number, .null] : .number)
        case .sum:
            need(.array, of: arguments[0], by: name)
            return ExpressionFacts(.number)
        case .round, .floor, .ceil, .abs:
            for argument in arguments { need(.number, of: argument, by: name) }
            return ExpressionFacts(.number)
        }
    }
}
