/// Numbers as expressions have them: whole ones are exact, the others are IEEE doubles, and none is infinite.
enum ExpressionArithmetic {
    /// What an operator makes of two numbers.
    static func result(
        _ operation: ExpressionNode.Operator, _ left: JSONValue, _ right: JSONValue, at place: Int
    ) throws(ExpressionError) -> JSONValue {
        if case .int(let left) = left, case .int(let right) = right {
            return try whole(operation, left, right, at: place)
        }
        let (left, right) = (left.double ?? 0, right.double ?? 0)
        if operation == .over || operation == .modulo, right == 0 { throw division(at: place) }
        let result =
            switch operation {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .over: left / right
            case .modulo: left.truncatingRemainder(dividingBy: right)
            }
        guard result.isFinite else { throw tooLarge(at: place) }
        return .double(result)
    }

    private static func whole(
        _ operation: ExpressionNode.Operator, _ left: Int64, _ right: Int64, at place: Int
    ) throws(ExpressionError) -> JSONValue {
        let (result, isOverflow): (Int64, Bool)
        switch operation {
        case .plus: (result, isOverflow) = left.addingReportingOverflow(right)
        case .minus: (result, isOverflow) = left.subtractingReportingOverflow(right)
        case .times: (result, isOverflow) = left.multipliedReportingOverflow(by: right)
        case .modulo:
            guard right != 0 else { throw division(at: place) }
            // The one quotient that has no place, of the least number by -1, has the remainder 0 all the same.
            return .int(left.remainderReportingOverflow(dividingBy: right).partialValue)
        case .over:
            guard right != 0 else { throw division(at: place) }
            let quotient = left.dividedReportingOverflow(by: right)
            let remainder = left.remainderReportingOverflow(dividingBy: right).partialValue
            guard remainder == 0 else { return .double(Double(left) / Double(right)) }
            (result, isOverflow) = quotient
        }
        guard !isOverflow else { throw tooLarge(at: place) }
        return .int(result)
    }

    /// Whether two numbers are the same, exactly.
    static func isEqual(_ left: JSONValue, _ right: JSONValue) -> Bool { !isLess(left, right) && !isLess(right, left) }

    /// Whether one number is less than another, exactly, also of a whole one and another.
    static func isLess(_ left: JSONValue, _ right: JSONValue) -> Bool {
        switch (left, right) {
        case (.int(let left), .int(let right)): return left < right
        case (.int(let left), .double(let right)):
            if let right = Int64(exactly: right) { return left < right }
            return Double(left) < right
        case (.double(let left), .int(let right)):
            if let left = Int64(exactly: left) { return left < right }
            return left < Double(right)
        default: return (left.double ?? 0) < (right.double ?? 0)
        }
    }

    private static func division(at place: Int) -> ExpressionError {
        ExpressionError(.divisionByZero, at: place, "must not divide by zero")
    }

    private static func tooLarge(at place: Int) -> ExpressionError {
        ExpressionError(.outOfRange, at: place, "gives a number that is too large")
    }
}
