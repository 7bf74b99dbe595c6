extension JSONTemplate {
    /// What it gives.
    ///
    /// - Throws: the first placeholder that has no value, or a result that is larger or deeper than results may be.
    public func evaluate(in scope: ExpressionScope) throws(TemplateError) -> JSONValue {
        if case .literal(let value) = root { return value }
        var size = 0
        return try Self.value(of: root, at: "", depth: 0, in: scope, size: &size)
    }

    private static func value(
        of part: Part, at pointer: String, depth: Int, in scope: ExpressionScope, size: inout Int
    ) throws(TemplateError) -> JSONValue {
        switch part {
        case .literal(let value):
            try measure(value, at: pointer, depth: depth, size: &size)
            return value
        case .value(let placeholder):
            let value = try value(of: placeholder, at: pointer, in: scope)
            try measure(value, at: pointer, depth: depth, size: &size)
            return value
        case .text(let pieces):
            let text = JSONValue.string(try text(of: pieces, at: pointer, in: scope))
            try measure(text, at: pointer, depth: depth, size: &size)
            return text
        case .array(let parts):
            var elements: [JSONValue] = []
            for (index, part) in parts.enumerated() {
                elements.append(
                    try value(of: part, at: "\(pointer)/\(index)", depth: depth + 1, in: scope, size: &size))
            }
            return .array(elements)
        case .object(let members):
            var object = JSONObject()
            for member in members {
                size += member.name.utf8.count + 4
                object[member.name] = try value(
                    of: member.part, at: "\(pointer)/\(JSONSchema.escape(member.name))", depth: depth + 1, in: scope,
                    size: &size)
            }
            return .object(object)
        }
    }

    private static func value(
        of placeholder: Placeholder, at pointer: String, in scope: ExpressionScope
    ) throws(TemplateError) -> JSONValue {
        do throws(ExpressionError) {
            return try placeholder.expression.evaluate(in: scope)
        } catch {
            throw TemplateError(pointer: pointer, error: error.moved(by: placeholder.start))
        }
    }

    private static func text(
        of pieces: [Piece], at pointer: String, in scope: ExpressionScope
    ) throws(TemplateError) -> String {
        var text = ""
        for piece in pieces {
            switch piece {
            case .text(let literal): text += literal
            case .value(let placeholder):
                switch try value(of: placeholder, at: pointer, in: scope) {
                case .string(let string): text += string
                case let value:
                    var size = text.utf8.count
                    try measure(value, at: pointer, depth: 0, size: &size)
                    text += value.description
                }
            }
            guard text.utf8.count <= longestResult else { throw tooLarge(at: pointer) }
        }
        return text
    }

    /// Counts what a value adds; a value that was put into itself again and again is deep or large long before it is
    /// written.
    private static func measure(
        _ value: JSONValue, at pointer: String, depth: Int, size: inout Int
    ) throws(TemplateError) {
        size += value.roughSize(most: longestResult - min(size, longestResult))
        guard size <= longestResult else { throw tooLarge(at: pointer) }
        guard !value.isDeeper(than: deepest - depth) else {
            throw TemplateError(
                pointer: pointer,
                error: ExpressionError(.tooLarge, at: 1, "gives a value that is more than \(deepest) levels deep"))
        }
    }

    private static func tooLarge(at pointer: String) -> TemplateError {
        TemplateError(
            pointer: pointer,
            error: ExpressionError(.tooLarge, at: 1, "gives more than \(longestResult) bytes"))
    }
}

extension JSONValue {
    fileprivate func isDeeper(than levels: Int) -> Bool {
        guard levels > 0 else { return true }
        switch self {
        case .array(let elements): return elements.contains { $0.isDeeper(than: levels - 1) }
        case .object(let members): return members.contains { $0.value.isDeeper(than: levels - 1) }
        default: return false
        }
    }
}
