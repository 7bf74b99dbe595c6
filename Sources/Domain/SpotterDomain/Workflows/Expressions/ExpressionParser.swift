/// Reads an expression. From the loosest to the tightest: `or`, `and`, `not`, comparisons, `+ -`, `* / %`, signs, and
/// what is read of something.
struct ExpressionParser {
    private var lexer: ExpressionLexer
    private var token: ExpressionLexer.Token
    private var at: Int
    private var depth = 0

    private static let words: Set<String> = ["true", "false", "null", "and", "or", "not", "in"]

    init(_ text: String) throws(ExpressionError) {
        lexer = try ExpressionLexer(text)
        (token, at) = try lexer.next()
    }

    /// The whole text.
    mutating func expression() throws(ExpressionError) -> ExpressionNode {
        if token == .end { throw ExpressionError(.syntax, at: at, "must not be empty") }
        let node = try alternatives()
        guard token == .end else { throw unexpected("the end") }
        return node
    }

    private mutating func advance() throws(ExpressionError) { (token, at) = try lexer.next() }

    private func unexpected(_ wanted: String) -> ExpressionError {
        let found =
            switch token {
            case .end: "the end"
            case .name(let name): "`\(name.prefix(40))`"
            case .sign(let sign): "`\(sign)`"
            case .number: "a number"
            case .string: "a text"
            }
        return ExpressionError(.syntax, at: at, "\(wanted) was expected, not \(found)")
    }

    private func isSign(_ sign: String) -> Bool { token == .sign(sign) }
    private func isWord(_ word: String) -> Bool { token == .name(word) }

    private mutating func expect(_ sign: String) throws(ExpressionError) {
        guard isSign(sign) else { throw unexpected("`\(sign)`") }
        try advance()
    }

    private mutating func enter() throws(ExpressionError) {
        depth += 1
        guard depth <= Expression.deepest else {
            throw ExpressionError(.tooLarge, at: at, "must be at most \(Expression.deepest) levels deep")
        }
    }

    // MARK: Logic

    private mutating func alternatives() throws(ExpressionError) -> ExpressionNode {
        let place = at
        var parts = [try conjunction()]
        while isWord("or") || isSign("||") {
            try advance()
            parts.append(try conjunction())
        }
        return parts.count == 1 ? parts[0] : ExpressionNode(.any(parts), at: place)
    }

    private mutating func conjunction() throws(ExpressionError) -> ExpressionNode {
        let place = at
        var parts = [try negation()]
        while isWord("and") || isSign("&&") {
            try advance()
            parts.append(try negation())
        }
        return parts.count == 1 ? parts[0] : ExpressionNode(.all(parts), at: place)
    }

    private mutating func negation() throws(ExpressionError) -> ExpressionNode {
        guard isWord("not") else { return try comparison() }
        let place = at
        try advance()
        try enter()
        defer { depth -= 1 }
        return ExpressionNode(.not(try negation()), at: place)
    }

    private mutating func comparison() throws(ExpressionError) -> ExpressionNode {
        let left = try sum()
        let place = at
        guard let comparison = try comparisonSign() else { return left }
        let right = try sum()
        let node = ExpressionNode(.comparison(left, comparison, right), at: place)
        let next = at
        if try comparisonSign() != nil {
            throw ExpressionError(
                .syntax, at: next, "only two things are compared at once; join comparisons with `and`")
        }
        return node
    }

    private mutating func comparisonSign() throws(ExpressionError) -> ExpressionNode.Comparison? {
        switch token {
        case .sign(let sign):
            guard let comparison = ExpressionNode.Comparison(rawValue: sign) else { return nil }
            try advance()
            return comparison
        case .name("in"):
            try advance()
            return .within
        case .name("not"):
            try advance()
            guard isWord("in") else { throw unexpected("`in` after `not`") }
            try advance()
            return .notWithin
        default: return nil
        }
    }

    // MARK: Numbers

    private mutating func sum() throws(ExpressionError) -> ExpressionNode {
        let first = try product()
        var terms: [ExpressionNode.Term] = []
        while isSign("+") || isSign("-") {
            let (operation, place): (ExpressionNode.Operator, Int) = (isSign("+") ? .plus : .minus, at)
            try advance()
            terms.append(.init(operation: operation, operand: try product(), at: place))
        }
        return terms.isEmpty ? first : ExpressionNode(.arithmetic(first, terms), at: first.at)
    }

    private mutating func product() throws(ExpressionError) -> ExpressionNode {
        let first = try signed()
        var terms: [ExpressionNode.Term] = []
        while isSign("*") || isSign("/") || isSign("%") {
            let operation: ExpressionNode.Operator = isSign("*") ? .times : isSign("/") ? .over : .modulo
            let place = at
            try advance()
            terms.append(.init(operation: operation, operand: try signed(), at: place))
        }
        return terms.isEmpty ? first : ExpressionNode(.arithmetic(first, terms), at: first.at)
    }

    private mutating func signed() throws(ExpressionError) -> ExpressionNode {
        guard isSign("-") || isSign("!") else { return try reading() }
        let (isNot, place) = (isSign("!"), at)
        try advance()
        try enter()
        defer { depth -= 1 }
        let operand = try signed()
        return ExpressionNode(isNot ? .not(operand) : .negative(operand), at: place)
    }

    // MARK: Values

    private mutating func reading() throws(ExpressionError) -> ExpressionNode {
        let place = at
        if case .name(let name) = token, !Self.words.contains(name) {
            try advance()
            if isSign("(") { return try read(of: try call(name, at: place)) }
            return ExpressionNode(.path(root: name, try accessors()), at: place)
        }
        return try read(of: try value())
    }

    private mutating func read(of base: ExpressionNode) throws(ExpressionError) -> ExpressionNode {
        let accessors = try accessors()
        return accessors.isEmpty ? base : ExpressionNode(.access(base, accessors), at: base.at)
    }

    private mutating func accessors() throws(ExpressionError) -> [ExpressionNode.Accessor] {
        var accessors: [ExpressionNode.Accessor] = []
        while true {
            if isSign(".") {
                try advance()
                guard case .name(let name) = token else {
                    throw unexpected(
                        "a name after the dot (a name with other characters stands in brackets: [\"a-b\"])")
                }
                accessors.append(.name(name, at: at))
                try advance()
            } else if isSign("[") {
                try advance()
                try enter()
                let index = try alternatives()
                depth -= 1
                try expect("]")
                if case .literal(.string(let name)) = index.kind {
                    accessors.append(.name(name, at: index.at))
                } else {
                    accessors.append(.index(index))
                }
            } else {
                return accessors
            }
        }
    }

    private mutating func value() throws(ExpressionError) -> ExpressionNode {
        let place = at
        switch token {
        case .number(let number):
            try advance()
            return ExpressionNode(.literal(number), at: place)
        case .string(let text):
            try advance()
            return ExpressionNode(.literal(.string(text)), at: place)
        case .name("true"), .name("false"), .name("null"):
            let literal: JSONValue = isWord("null") ? .null : .bool(isWord("true"))
            try advance()
            return ExpressionNode(.literal(literal), at: place)
        case .sign("("):
            try advance()
            try enter()
            let node = try alternatives()
            depth -= 1
            try expect(")")
            return node
        case .sign("["):
            try advance()
            return ExpressionNode(.list(try elements(until: "]")), at: place)
        default: throw unexpected("a value")
        }
    }

    private mutating func call(_ name: String, at place: Int) throws(ExpressionError) -> ExpressionNode {
        guard let function = ExpressionFunction(rawValue: name) else {
            let names = ExpressionFunction.allCases.map(\.rawValue)
            throw ExpressionError(
                .unknownName, at: place,
                "there is no function \(name.prefix(40))\(DidYouMean.hint(for: name, among: names))")
        }
        try expect("(")
        let arguments = try elements(until: ")")
        guard function.counts.contains(arguments.count) else {
            throw ExpressionError(.syntax, at: place, "\(name) \(function.usage)")
        }
        return ExpressionNode(.call(function, arguments), at: place)
    }

    private mutating func elements(until end: String) throws(ExpressionError) -> [ExpressionNode] {
        try enter()
        defer { depth -= 1 }
        var elements: [ExpressionNode] = []
        if !isSign(end) {
            elements.append(try alternatives())
            while isSign(",") {
                try advance()
                elements.append(try alternatives())
            }
        }
        guard isSign(end) else { throw unexpected("`,` or `\(end)`") }
        try advance()
        return elements
    }
}
