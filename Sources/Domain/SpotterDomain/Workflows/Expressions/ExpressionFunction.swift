/// The functions that expressions may call: all there are, none of them with an effect.
public enum ExpressionFunction: String, Sendable, Hashable, CaseIterable {
    /// How many characters, elements or members; null has none.
    case len
    case lower, upper, trim
    /// Whether a text has another in it, or a list an element.
    case contains
    case startsWith = "starts_with"
    case endsWith = "ends_with"
    /// Whether it is there: anything but null.
    case exists
    /// The first, or the second where the first is null.
    case `default`
    /// The second where the first holds, or else the third.
    case `if`
    /// A text as a number; null where it is none.
    case number
    /// Anything as text: texts as they are, the rest as JSON.
    case string
    case min, max, sum, round, floor, ceil, abs
    /// A list as text, with the second between its elements.
    case join

    /// How many arguments it takes.
    var counts: ClosedRange<Int> {
        switch self {
        case .len, .lower, .upper, .trim, .exists, .number, .string, .sum, .floor, .ceil, .abs: 1...1
        case .contains, .startsWith, .endsWith, .default, .join: 2...2
        case .if: 3...3
        case .round: 1...2
        case .min, .max: 1...100
        }
    }

    /// How it is called, for messages.
    var usage: String {
        switch self {
        case .min, .max: "takes 1 to 100 numbers or one list of numbers"
        case .round: "takes a number and, if wished, how many decimals to keep"
        default: counts.lowerBound == 1 ? "takes 1 argument" : "takes \(counts.lowerBound) arguments"
        }
    }
}

extension ExpressionEvaluator {
    /// What a function gives. `default` and `if` work out only what they need.
    mutating func call(
        _ function: ExpressionFunction, _ arguments: [ExpressionNode], at place: Int
    ) throws(ExpressionError) -> JSONValue {
        switch function {
        case .default:
            let first = try value(of: arguments[0])
            return first.isNull ? try value(of: arguments[1]) : first
        case .if: return try value(of: truth(of: arguments[0]) ? arguments[1] : arguments[2])
        default: break
        }
        var values: [JSONValue] = []
        for argument in arguments { values.append(try value(of: argument)) }
        let call = ExpressionCall(function: function, values: values, nodes: arguments, at: place)
        switch function {
        case .len, .exists, .contains, .startsWith, .endsWith: return try ask(call)
        case .lower, .upper, .trim, .string, .join: return try makeText(call)
        default: return try compute(call)
        }
    }

    private mutating func ask(_ call: ExpressionCall) throws(ExpressionError) -> JSONValue {
        let first = call.values[0]
        switch call.function {
        case .exists: return .bool(!first.isNull)
        case .len:
            switch first {
            case .null: return 0
            case .string(let text):
                try work(text.utf8.count, at: call.at)
                return .int(Int64(text.unicodeScalars.count))
            case .array(let elements): return .int(Int64(elements.count))
            case .object(let members): return .int(Int64(members.count))
            default: throw call.refuses(0, "a text, a list or an object")
            }
        case .contains: return .bool(try isWithin(call.values[1], first, at: call.at))
        default:
            let (text, part) = (try call.text(0), try call.text(1))
            try work(text.utf8.count, at: call.at)
            return .bool(
                call.function == .startsWith
                    ? text.utf8.starts(with: part.utf8) : text.utf8.reversed().starts(with: part.utf8.reversed()))
        }
    }

    private mutating func makeText(_ call: ExpressionCall) throws(ExpressionError) -> JSONValue {
        switch call.function {
        case .string: return .string(try text(of: call.values[0], at: call.at))
        case .join:
            guard case .array(let elements) = call.values[0] else { throw call.refuses(0, "a list") }
            let separator = try call.text(1)
            var joined = ""
            for (index, element) in elements.enumerated() {
                if index > 0 { joined += separator }
                joined += try text(of: element, at: call.at)
                try bound(joined, at: call.at)
            }
            return .string(joined)
        default:
            let text = try call.text(0)
            try work(text.utf8.count, at: call.at)
            let result =
                switch call.function {
                case .lower: text.lowercased()
                case .upper: text.uppercased()
                default: Self.trimmed(text)
                }
            try bound(result, at: call.at)
            return .string(result)
        }
    }

    private static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }

    private mutating func compute(_ call: ExpressionCall) throws(ExpressionError) -> JSONValue {
        switch call.function {
        case .number: return try number(call)
        case .abs:
            let number = try call.number(0)
            if case .int(let whole) = number, whole < 0 {
                return try ExpressionArithmetic.result(.minus, 0, number, at: call.at)
            }
            if case .double(let value) = number { return .double(Swift.abs(value)) }
            return number
        case .floor, .ceil, .round: return try rounded(call)
        default:
            let numbers = try numbers(call)
            if call.function == .sum {
                var sum: JSONValue = 0
                for number in numbers { sum = try ExpressionArithmetic.result(.plus, sum, number, at: call.at) }
                return sum
            }
            var best: JSONValue = .null
            for number in numbers {
                let isFirst = best.isNull
                let isLess = !isFirst && ExpressionArithmetic.isLess(number, best)
                let isMore = !isFirst && ExpressionArithmetic.isLess(best, number)
                if isFirst || (call.function == .min ? isLess : isMore) { best = number }
            }
            return best
        }
    }

    private mutating func number(_ call: ExpressionCall) throws(ExpressionError) -> JSONValue {
        switch call.values[0] {
        case .null, .int, .double: return call.values[0]
        case .string(let text):
            guard text.utf8.count <= 64 else { return .null }
            let text = Self.trimmed(text)
            if let whole = Int64(text) { return .int(whole) }
            // Only what JSON calls a number: no hexadecimal, no infinity.
            let isPlain = text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains($0)
            }
            guard isPlain, let value = Double(text), value.isFinite else { return .null }
            return .double(value)
        default: throw call.refuses(0, "a text or a number")
        }
    }

    private func rounded(_ call: ExpressionCall) throws(ExpressionError) -> JSONValue {
        guard case .double(let value) = try call.number(0) else { return call.values[0] }
        var decimals = 0
        if call.values.count > 1 {
            guard case .int(let number) = call.values[1], (0...12).contains(number) else {
                throw call.refuses(1, "a whole number from 0 to 12")
            }
            decimals = Int(number)
        }
        guard decimals == 0 else {
            var scale = 1.0
            for _ in 0..<decimals { scale *= 10 }
            let scaled = (value * scale).rounded() / scale
            return .double(scaled.isFinite ? scaled : value)
        }
        let whole =
            switch call.function {
            case .floor: value.rounded(.down)
            case .ceil: value.rounded(.up)
            default: value.rounded()
            }
        return Int64(exactly: whole).map(JSONValue.int) ?? .double(whole)
    }

    private mutating func numbers(_ call: ExpressionCall) throws(ExpressionError) -> [JSONValue] {
        guard call.values.count == 1, case .array(let elements) = call.values[0] else {
            guard call.function != .sum else { throw call.refuses(0, "a list of numbers") }
            for index in call.values.indices { _ = try call.number(index) }
            return call.values
        }
        try work(elements.count, at: call.at)
        for element in elements where element.double == nil { throw call.refuses(0, "a list of numbers") }
        return elements
    }
}

/// A function with what it was given.
struct ExpressionCall {
    let function: ExpressionFunction
    let values: [JSONValue]
    let nodes: [ExpressionNode]
    let at: Int

    func refuses(_ index: Int, _ wanted: String) -> ExpressionError {
        let which = nodes.count == 1 ? "" : "as argument \(index + 1) "
        return ExpressionError(
            .typeMismatch, at: nodes[index].at,
            "\(function.rawValue) needs \(which)\(wanted), not \(values[index].kindName)")
    }

    func text(_ index: Int) throws(ExpressionError) -> String {
        guard case .string(let text) = values[index] else { throw refuses(index, "a text") }
        return text
    }

    func number(_ index: Int) throws(ExpressionError) -> JSONValue {
        guard values[index].double != nil else { throw refuses(index, "a number") }
        return values[index]
    }
}
