import SpotterDomain
import YAMLKit

/// A YAML tree as a JSON value, with the place of every part by its JSON pointer.
struct YAMLValue {
    let value: JSONValue
    /// Where each value begins.
    private(set) var places: [String: ConfigurationIssue.Place] = [:]
    /// Where the name of each member begins, by its value's pointer.
    private(set) var namePlaces: [String: ConfigurationIssue.Place] = [:]
    /// What YAML can say and JSON or the database cannot.
    private(set) var issues: [FieldIssue] = []

    init(_ node: YAMLNode) {
        value = Self.json(node)
        node.walk { visit in
            places[visit.pointer] = .init(visit.mark)
            if let mark = visit.keyMark { namePlaces[visit.pointer] = .init(mark) }
            if let problem = Self.problem(with: visit.node) {
                issues.append(FieldIssue(pointer: visit.pointer, message: problem))
            }
        }
    }

    /// A value whose parts have no places.
    init(_ value: JSONValue) { self.value = value }

    /// The part that a JSON pointer names, as far as it leads.
    func value(at pointer: String) -> JSONValue? {
        var current: JSONValue? = value
        for name in JSONPointer.names(in: pointer) { current = current?[name] ?? Int(name).flatMap { current?[$0] } }
        return current
    }

    private static func json(_ node: YAMLNode) -> JSONValue {
        switch node.content {
        case .sequence(let elements):
            return .array(elements.map(json))
        case .mapping(let entries):
            var object = JSONObject()
            for entry in entries { object[entry.name] = json(entry.value) }
            return .object(object)
        case .scalar(let scalar):
            return switch scalar.resolved {
            case .null: .null
            case .bool(let value): .bool(value)
            case .int(let value): .int(Int64(value))
            case .float(let value): .double(value)
            case .string(let value): .string(value)
            }
        }
    }

    private static func problem(with node: YAMLNode) -> String? {
        switch node.content {
        case .scalar(let scalar):
            switch scalar.resolved {
            case .float(let value) where !value.isFinite: "must be a finite number"
            case .string(let text) where text.unicodeScalars.contains("\0"): "must not hold the character NUL"
            default: nil
            }
        case .mapping(let entries) where entries.contains { $0.name.unicodeScalars.contains("\0") }:
            "must not have a name with the character NUL"
        case .mapping, .sequence: nil
        }
    }
}

extension ConfigurationIssue.Place {
    init(_ mark: Mark) { self.init(line: mark.line, column: mark.column) }
}

extension ConfigurationError {
    init(_ error: YAMLError) {
        self.init([.init(file: error.file, place: .init(error.mark), message: error.message)])
    }
}
