/// Works out an expression, with a bound on how much there is to do.
struct ExpressionEvaluator {
    let scope: ExpressionScope
    /// Bytes and elements that may still be looked at: expressions are short, but what they read may be long.
    private var remaining = 20_000_000

    init(scope: ExpressionScope) { self.scope = scope }

    mutating func work(_ amount: Int, at place: Int) throws(ExpressionError) {
        remaining -= amount + 1
        guard remaining > 0 else { throw ExpressionError(.tooLarge, at: place, "is too much to work out") }
    }

    func bound(_ text: String, at place: Int) throws(ExpressionError) {
        guard text.utf8.count <= Expression.longestString else {
            throw ExpressionError(
                .tooLarge, at: place, "makes a text of more than \(Expression.longestString) bytes")
        }
    }

    // MARK: Values

    mutating func value(of node: ExpressionNode) throws(ExpressionError) -> JSONValue {
        try work(1, at: node.at)
        switch node.kind {
        case .literal(let value): return value
        case .path(let root, let accessors): return try path(root, accessors, at: node.at)
        case .access(let base, let accessors): return try read(accessors[...], of: value(of: base))
        case .list(let parts):
            var elements: [JSONValue] = []
            for part in parts { elements.append(try value(of: part)) }
            return .array(elements)
        case .not, .all, .any: return .bool(try truth(of: node))
        case .negative(let part):
            let number = try value(of: part)
            guard number.double != nil else {
                throw Self.mismatch("- needs a number, not \(number.kindName)", at: node.at)
            }
            if case .double(let value) = number { return .double(-value) }
            return try ExpressionArithmetic.result(.minus, 0, number, at: node.at)
        case .comparison(let left, let comparison, let right):
            return .bool(try compare(value(of: left), comparison, value(of: right), at: node.at))
        case .arithmetic(let first, let terms):
            var result = try value(of: first)
            for term in terms {
                result = try combine(result, term.operation, value(of: term.operand), at: term.at)
            }
            return result
        case .call(let function, let arguments): return try call(function, arguments, at: node.at)
        }
    }

    /// Whether something holds; null does not.
    mutating func truth(of node: ExpressionNode) throws(ExpressionError) -> Bool {
        switch node.kind {
        case .not(let part): return try !truth(of: part)
        case .all(let parts):
            for part in parts where try !truth(of: part) { return false }
            return true
        case .any(let parts):
            for part in parts where try truth(of: part) { return true }
            return false
        default:
            switch try value(of: node) {
            case .bool(let value): return value
            case .null: return false
            case let other: throw Self.mismatch("must be true or false, not \(other.kindName)", at: node.at)
            }
        }
    }

    private static func mismatch(_ message: String, at place: Int) -> ExpressionError {
        ExpressionError(.typeMismatch, at: place, message)
    }

    // MARK: Reading

    private mutating func path(
        _ root: String, _ accessors: [ExpressionNode.Accessor], at place: Int
    ) throws(ExpressionError) -> JSONValue {
        if let value = scope.value(root) { return try read(accessors[...], of: value) }
        guard let family = scope.family(root) else {
            let hint = DidYouMean.hint(for: root, among: scope.names)
            throw ExpressionError(.unknownName, at: place, "there is nothing called \(root.prefix(40))\(hint)")
        }
        guard let first = accessors.first else {
            throw ExpressionError(.unknownName, at: place, "must say which of \(root) is meant, as in \(root).name")
        }
        let name: String
        switch first {
        case .name(let text, _): name = text
        case .index(let node):
            guard case .string(let text) = try value(of: node) else {
                throw Self.mismatch("must be a text, as in \(root)[\"name\"]", at: node.at)
            }
            name = text
        }
        return try read(accessors.dropFirst(), of: family(name) ?? .null)
    }

    /// What is not there is null, and so is whatever is read of it.
    private mutating func read(
        _ accessors: ArraySlice<ExpressionNode.Accessor>, of value: JSONValue
    ) throws(ExpressionError) -> JSONValue {
        var current = value
        for accessor in accessors {
            switch accessor {
            case .name(let name, let place):
                // A small object is searched member by member.
                try work(16, at: place)
                current = current[name] ?? .null
            case .index(let node):
                switch try self.value(of: node) {
                case .string(let name): current = current[name] ?? .null
                case .int(let index): current = Int(exactly: index).flatMap { current[$0] } ?? .null
                case .null: current = .null
                case let other:
                    throw Self.mismatch("must be a whole number or a text, not \(other.kindName)", at: node.at)
                }
            }
        }
        return current
    }

    // MARK: Operators

    private mutating func combine(
        _ left: JSONValue, _ operation: ExpressionNode.Operator, _ right: JSONValue, at place: Int
    ) throws(ExpressionError) -> JSONValue {
        switch (left, operation, right) {
        case (.string(let left), .plus, .string(let right)):
            try work(left.utf8.count + right.utf8.count, at: place)
            let text = left + right
            try bound(text, at: place)
            return .string(text)
        case (.array(let left), .plus, .array(let right)):
            try work(left.count + right.count, at: place)
            guard left.count + right.count <= 10_000 else {
                throw ExpressionError(.tooLarge, at: place, "makes a list of more than 10000 elements")
            }
            return .array(left + right)
        default:
            guard left.double != nil, right.double != nil else {
                let needs = operation == .plus ? "two numbers, two texts or two lists" : "two numbers"
                throw Self.mismatch(
                    "\(operation.rawValue) needs \(needs), not \(left.kindName) and \(right.kindName)", at: place)
            }
            return try ExpressionArithmetic.result(operation, left, right, at: place)
        }
    }

    private mutating func compare(
        _ left: JSONValue, _ comparison: ExpressionNode.Comparison, _ right: JSONValue, at place: Int
    ) throws(ExpressionError) -> Bool {
        switch comparison {
        case .equal: return try isEqual(left, right, at: place)
        case .different: return try !isEqual(left, right, at: place)
        case .within: return try isWithin(left, right, at: place)
        case .notWithin: return try !isWithin(left, right, at: place)
        case .less: return try isLess(left, right, comparison, at: place)
        case .greater: return try isLess(right, left, comparison, at: place)
        case .lessOrEqual: return try !isLess(right, left, comparison, at: place)
        case .greaterOrEqual: return try !isLess(left, right, comparison, at: place)
        }
    }

    private mutating func isLess(
        _ left: JSONValue, _ right: JSONValue, _ comparison: ExpressionNode.Comparison, at place: Int
    ) throws(ExpressionError) -> Bool {
        if case .string(let left) = left, case .string(let right) = right {
            try work(min(left.utf8.count, right.utf8.count), at: place)
            // By scalars, so that it is the same everywhere and times of one form sort as they come.
            return left.unicodeScalars.lexicographicallyPrecedes(right.unicodeScalars)
        }
        guard left.double != nil, right.double != nil else {
            throw Self.mismatch(
                "\(comparison.rawValue) needs two numbers or two texts, not \(left.kindName) and \(right.kindName)",
                at: place)
        }
        return ExpressionArithmetic.isLess(left, right)
    }

    mutating func isEqual(_ left: JSONValue, _ right: JSONValue, at place: Int) throws(ExpressionError) -> Bool {
        switch (left, right) {
        case (.int, .int), (.int, .double), (.double, .int), (.double, .double):
            return ExpressionArithmetic.isEqual(left, right)
        case (.string(let left), .string(let right)):
            try work(min(left.utf8.count, right.utf8.count), at: place)
            return left == right
        case (.array(let left), .array(let right)):
            guard left.count == right.count else { return false }
            try work(left.count, at: place)
            for (one, other) in zip(left, right) where try !isEqual(one, other, at: place) { return false }
            return true
        case (.object(let left), .object(let right)):
            guard left.count == right.count else { return false }
            try work(left.count * 8, at: place)
            for (key, one) in left {
                guard let other = right[key], try isEqual(one, other, at: place) else { return false }
            }
            return true
        case (.bool(let left), .bool(let right)): return left == right
        case (.null, .null): return true
        default: return false
        }
    }

    mutating func isWithin(_ part: JSONValue, _ whole: JSONValue, at place: Int) throws(ExpressionError) -> Bool {
        switch whole {
        case .null: return false
        case .array(let elements):
            for element in elements {
                try work(1, at: place)
                if try isEqual(part, element, at: place) { return true }
            }
            return false
        case .object(let members):
            guard case .string(let name) = part else { return false }
            return members[name] != nil
        case .string(let text):
            guard case .string(let part) = part else {
                throw Self.mismatch("only a text can be in a text, not \(part.kindName)", at: place)
            }
            try work(text.utf8.count + part.utf8.count, at: place)
            return ByteSearch.contains(part, in: text)
        default: throw Self.mismatch("\(whole.kindName) has nothing in it", at: place)
        }
    }

    /// A value as text: strings as they are, the rest as JSON.
    mutating func text(of value: JSONValue, at place: Int) throws(ExpressionError) -> String {
        if case .string(let text) = value { return text }
        let size = value.roughSize(most: Expression.longestString + 1)
        try work(size, at: place)
        guard size <= Expression.longestString else {
            throw ExpressionError(.tooLarge, at: place, "makes a text of more than \(Expression.longestString) bytes")
        }
        let text = value.description
        try bound(text, at: place)
        return text
    }
}

extension JSONValue {
    /// At most how many bytes its JSON text has, give or take escapes and digits; counting stops past `most`.
    func roughSize(most: Int) -> Int {
        var size = 0
        addRoughSize(to: &size, most: most)
        return size
    }

    private func addRoughSize(to size: inout Int, most: Int) {
        guard size <= most else { return }
        switch self {
        case .null, .bool: size += 5
        case .int, .double: size += 8
        case .string(let text): size += text.utf8.count + 2
        case .array(let elements):
            size += 2
            for element in elements {
                guard size <= most else { return }
                element.addRoughSize(to: &size, most: most)
                size += 1
            }
        case .object(let members):
            size += 2
            for (key, value) in members {
                guard size <= most else { return }
                size += key.utf8.count + 4
                value.addRoughSize(to: &size, most: most)
            }
        }
    }
}
