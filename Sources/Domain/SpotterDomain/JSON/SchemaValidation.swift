/// One thing wrong with a value, and where: `pointer` is a JSON pointer (RFC 6901), empty for the whole value.
public struct FieldIssue: Hashable, Sendable {
    /// The JSON pointer of what is wrong; empty for the whole value.
    public let pointer: String
    /// What is wrong, for people; reads on from the name of the member.
    public let message: String

    /// An issue at one place.
    public init(pointer: String, message: String) {
        self.pointer = pointer
        self.message = message
    }
}

extension JSONSchema {
    /// Everything wrong with `value`, at most 20 issues, in document order.
    public func issues(in value: JSONValue) -> [FieldIssue] {
        var issues: [FieldIssue] = []
        check(value, at: "", into: &issues)
        return Array(issues.prefix(20))
    }

    private func check(_ value: JSONValue, at pointer: String, into issues: inout [FieldIssue]) {
        guard issues.count < 20 else { return }
        if value.isNull, isNullable || kind == .any { return }
        switch (kind, value) {
        case (.any, _): break
        case (.boolean, .bool): break
        case (.integer, .int), (.number, .int), (.number, .double): checkRange(value, at: pointer, into: &issues)
        case (.integer, .double(let number)) where Int64(exactly: number) != nil:
            checkRange(value, at: pointer, into: &issues)
        case (.string, .string(let text)): checkText(text, at: pointer, into: &issues)
        case (.array, .array(let array)): checkArray(array, at: pointer, into: &issues)
        case (.object, .object(let object)): checkObject(object, at: pointer, into: &issues)
        default: issues.report("must be \(expectation), not \(value.kindName)", at: pointer)
        }
    }

    private var expectation: String {
        switch kind {
        case .object: "an object"
        case .array: "an array"
        case .string: values.isEmpty ? "a string" : "one of \(values.joined(separator: ", "))"
        case .integer: "an integer"
        case .number: "a number"
        case .boolean: "true or false"
        case .any: "any value"
        }
    }

    private func checkRange(_ value: JSONValue, at pointer: String, into issues: inout [FieldIssue]) {
        guard let number = value.double else { return }
        if let minimum, number < minimum { issues.report("must be at least \(Self.text(minimum))", at: pointer) }
        if let maximum, number > maximum { issues.report("must be at most \(Self.text(maximum))", at: pointer) }
    }

    private static func text(_ number: Double) -> String { Int64(exactly: number).map { "\($0)" } ?? "\(number)" }

    private func checkText(_ text: String, at pointer: String, into issues: inout [FieldIssue]) {
        if !values.isEmpty, !values.contains(text) {
            issues.report(
                "must be one of \(values.joined(separator: ", "))\(DidYouMean.hint(for: text, among: values))",
                at: pointer)
        }
        let length = text.unicodeScalars.count
        if let minimumLength, length < minimumLength {
            issues.report(
                minimumLength == 1 ? "must not be empty" : "must have at least \(minimumLength) characters", at: pointer
            )
        }
        if let maximumLength, length > maximumLength {
            issues.report("must have at most \(maximumLength) characters", at: pointer)
        }
        if format == "date-time", Timestamp.date(from: text) == nil {
            issues.report("must be an RFC 3339 time such as 2026-11-21T06:30:00Z", at: pointer)
        }
        if format == PriceText.format, PriceText.value(of: text) == nil {
            issues.report(PriceText.expectation, at: pointer)
        }
    }

    private func checkArray(
        _ array: [JSONValue], at pointer: String, into issues: inout [FieldIssue]
    ) {
        if let minimumCount, array.count < minimumCount {
            issues.report("must have at least \(minimumCount) elements", at: pointer)
        }
        if let maximumCount, array.count > maximumCount {
            issues.report("must have at most \(maximumCount) elements", at: pointer)
        }
        guard let element = elements.first else { return }
        for (index, value) in array.enumerated() { element.check(value, at: "\(pointer)/\(index)", into: &issues) }
    }

    private func checkObject(_ object: JSONObject, at pointer: String, into issues: inout [FieldIssue]) {
        for (key, value) in object {
            guard issues.count < 20 else { return }
            let place = "\(pointer)/\(Self.escape(key))"
            if let values = elements.first {
                values.check(value, at: place, into: &issues)
            } else if let property = self[key] {
                // An optional member that is null counts as absent.
                if value.isNull, !property.isRequired { continue }
                property.schema.check(value, at: place, into: &issues)
            } else {
                let hint = DidYouMean.hint(for: key, among: properties.map(\.name))
                issues.append(FieldIssue(pointer: place, message: "unknown field\(hint)"))
            }
        }
        for property in properties where property.isRequired && object[property.name] == nil {
            issues.append(FieldIssue(pointer: "\(pointer)/\(property.name)", message: "is required"))
        }
    }

    /// A member name as a token of a JSON pointer.
    static func escape(_ key: String) -> String {
        guard key.contains("~") || key.contains("/") else { return key }
        return key.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
    }
}

extension [FieldIssue] {
    fileprivate mutating func report(_ message: String, at pointer: String) {
        append(FieldIssue(pointer: pointer, message: message))
    }
}
