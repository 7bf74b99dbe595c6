/// Writes CSV (RFC 4180) that programs for tables read as text and never as formulas.
public enum CSVWriter {
    /// A row with its line end.
    public static func row(_ fields: [String]) -> String {
        fields.map(field).joined(separator: ",") + "\r\n"
    }

    /// A field, in quotes where it needs them. One that a program would take for a formula gets an apostrophe before
    /// it, which says that it is text.
    public static func field(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        let needsQuotes = safe.unicodeScalars.contains { ",\"\r\n;\t".unicodeScalars.contains($0) }
        return needsQuotes ? "\"" + safe.replacing("\"", with: "\"\"") + "\"" : safe
    }

    /// The text of a field that was written so: the apostrophe before what looks like a formula is no part of it.
    public static func plain(_ field: String) -> String {
        guard field.hasPrefix("'") else { return field }
        let text = String(field.dropFirst())
        return isFormula(text) ? text : field
    }

    /// Whether a program for tables may take a text for a formula. Numbers with a sign are numbers. Where an apostrophe
    /// stands before one already, another one keeps it.
    public static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first else { return false }
        if first == "'" { return isFormula(String(text.dropFirst())) }
        guard "=+-@\t\r".unicodeScalars.contains(first) else { return false }
        let rest = text.unicodeScalars.dropFirst()
        let isNumber =
            (first == "+" || first == "-") && !rest.isEmpty
            && rest.allSatisfy { ("0"..."9").contains($0) || $0 == "." || $0 == "," }
        return !isNumber
    }
}
