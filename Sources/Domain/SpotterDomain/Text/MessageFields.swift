import Foundation

/// `{{first_name}}` and the like in texts that are written once and sent to many.
public enum MessageFields {
    /// The names in braces, in the order of the text.
    public static func names(in text: String) -> [String] {
        text.matches(of: pattern()).map { String($0.output.1) }
    }

    /// The text with every known name filled in; others stay as they are.
    public static func fill(_ text: String, _ values: [String: String]) -> String {
        text.replacing(pattern()) { match in values[String(match.output.1)] ?? String(match.output.0) }
    }

    private static func pattern() -> Regex<(Substring, Substring)> { /\{\{\s*([A-Za-z0-9_.]+)\s*\}\}/ }
}
