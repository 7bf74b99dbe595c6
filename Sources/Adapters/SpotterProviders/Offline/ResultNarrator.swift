import Foundation
import SpotterDomain

/// Puts what tools answered into plain words.
struct ResultNarrator {
    /// The most rows and fields that are read out.
    private static let mostRows = 12
    private static let mostFields = 6

    func answer(to results: [ToolResult]) -> String {
        guard !results.isEmpty else { return "The tools gave no answer." }
        return results.map(answer).joined(separator: "\n\n")
    }

    private func answer(to result: ToolResult) -> String {
        if result.isError { return "That did not work. \(Self.sentence(reason(in: result.output)))" }
        let text = words(for: result.output)
        return text.isEmpty ? "Done: \(humanized(result.name)) answered nothing more." : text
    }

    /// The text of an error, whatever its shape.
    private func reason(in output: JSONValue) -> String {
        if let text = output.string { return text }
        for key in ["error", "message", "detail", "title", "summary"] {
            guard let value = output[key] else { continue }
            let text = reason(in: value)
            if !text.isEmpty { return text }
        }
        if output.isNull || output == [:] { return "The tool gave no reason." }
        return clipped(output.description)
    }

    // MARK: Values

    private func words(for output: JSONValue) -> String {
        switch output {
        case .null: ""
        case .string(let text): clipped(text, at: 4_000)
        case .array(let array): rows(array)
        case .object(let object): words(for: object)
        default: output.description
        }
    }

    private func words(for object: JSONObject) -> String {
        var parts: [String] = []
        if let summary = object["summary"]?.string, !summary.isEmpty { parts.append(Self.sentence(summary)) }
        let hasSummary = !parts.isEmpty
        var facts: [String] = []
        for (key, value) in object where key != "summary" {
            switch value {
            case .array(let array) where !array.isEmpty:
                let list = rows(array)
                parts.append(hasSummary ? list : "\(title(key)):\n\(list)")
            case .object(let inner) where !inner.isEmpty:
                if !hasSummary { facts.append("- \(title(key)): \(fields(of: inner, after: nil))") }
            case .null, .array, .object: break
            // A summary has said the rest already.
            case .string, .int, .double, .bool: if !hasSummary { facts.append("- \(title(key)): \(scalar(value))") }
            }
        }
        if !facts.isEmpty { parts.insert(facts.prefix(20).joined(separator: "\n"), at: 0) }
        return parts.joined(separator: "\n")
    }

    private func rows(_ array: [JSONValue]) -> String {
        var lines = array.prefix(Self.mostRows).map { "- \(row($0))" }
        if array.count > lines.count { lines.append("- and \(array.count - lines.count) more") }
        return lines.joined(separator: "\n")
    }

    private func row(_ value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let titles = ["name", "title", "class", "class_name", "subject", "label"]
            guard let key = titles.first(where: { object[$0]?.string != nil }), let name = object[key]?.string else {
                return fields(of: object, after: nil)
            }
            let rest = fields(of: object, after: key)
            return rest.isEmpty ? name : "\(name): \(rest)"
        case .array(let array): return array.prefix(Self.mostFields).map(scalar).joined(separator: ", ")
        default: return scalar(value)
        }
    }

    /// `Monday, 2026-11-23, starts 18:30, spots left 4`. Ids say nothing to people and are left out where there is more.
    private func fields(of object: JSONObject, after title: String?) -> String {
        func isID(_ key: String) -> Bool { key == "id" || key.hasSuffix("_id") }
        let shown = object.filter { $0.key != title && !isID($0.key) && !isEmpty($0.value) }
        guard !shown.isEmpty else {
            return object.filter { $0.key != title }.map { scalar($0.value) }.joined(separator: ", ")
        }
        return shown.prefix(Self.mostFields + 2).map(field).joined(separator: ", ")
    }

    private func field(_ key: String, _ value: JSONValue) -> String {
        let plain: Set<String> = ["day", "date", "email", "phone", "status", "state", "name", "title", "amount"]
        if plain.contains(key), value.string != nil { return scalar(value) }
        return "\(humanized(key)) \(scalar(value))"
    }

    private func isEmpty(_ value: JSONValue) -> Bool { value.isNull || value == "" || value == [] || value == [:] }

    private func scalar(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): clipped(text)
        case .bool(let flag): flag ? "yes" : "no"
        case .null: "none"
        case .array(let array): array.prefix(Self.mostFields).map(scalar).joined(separator: "/")
        case .object(let object): clipped(JSONValue.object(object).description)
        case .int, .double: value.description
        }
    }

    private func title(_ key: String) -> String {
        let words = humanized(key)
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    private func clipped(_ text: String, at length: Int = 200) -> String {
        text.count > length ? text.prefix(length) + "…" : text
    }

    private static func sentence(_ text: String) -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        return text.last.map(".!?…:".contains) == true ? text : text + "."
    }
}
