import Foundation
import SpotterDomain

/// Takes secrets out of what a server answers: some echo the headers they were sent.
struct SecretHider {
    private let secrets: [String]

    /// - Parameter values: whole header values; of `Bearer …` and its like the part after the scheme is hidden, too.
    init(_ values: [String]) {
        let parts = values.flatMap { value in
            [value] + value.split(separator: " ").dropFirst().map(String.init)
        }
        // The longest first, so that no part of one is left. Short ones would hide ordinary words.
        secrets = Set(parts.filter { $0.utf8.count >= 6 }).sorted { $0.utf8.count > $1.utf8.count }
    }

    /// The length of the longest secret, in bytes.
    var longest: Int { secrets.first?.utf8.count ?? 0 }

    func hide(_ text: String) -> String {
        secrets.reduce(text) { text, secret in
            text.contains(secret) ? text.replacing(secret, with: "[secret]") : text
        }
    }

    /// Every string of a value, names of members included.
    func hide(_ value: JSONValue) -> JSONValue {
        guard !secrets.isEmpty else { return value }
        switch value {
        case .string(let text): return .string(hide(text))
        case .array(let elements): return .array(elements.map(hide))
        case .object(let object):
            var hidden = JSONObject()
            for (key, value) in object { hidden[hide(key)] = hide(value) }
            return .object(hidden)
        case .null, .bool, .int, .double: return value
        }
    }
}
