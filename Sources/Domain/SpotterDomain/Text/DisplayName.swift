/// Rules of names that people read in lists, terminals, logs and e-mails.
///
/// A name must look like what it is: nothing in it moves a cursor, turns the direction of the text around or hides, so
/// that no two names look alike by invisible means and no list is misread.
public enum DisplayName {
    /// What is wrong with a name; nil when it is fine.
    public static func problem(with name: String) -> String? {
        let scalars = name.unicodeScalars
        guard scalars.contains(where: { !$0.properties.isWhitespace && !$0.properties.isDefaultIgnorableCodePoint })
        else { return "must not be blank" }
        if let scalar = scalars.first(where: isForbidden) {
            let number = String(scalar.value, radix: 16, uppercase: true)
            let code = String(repeating: "0", count: max(0, 4 - number.count)) + number
            return "must not hold control or invisible characters, such as U+\(code)"
        }
        let isOutside = { (scalar: Unicode.Scalar?) in scalar?.properties.isWhitespace ?? false }
        if isOutside(scalars.first) || isOutside(scalars.last) { return "must not begin or end with white space" }
        return nil
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        // Joiners are spelling in Persian and in the scripts of India, and part of many emoji.
        case .format: scalar != "\u{200C}" && scalar != "\u{200D}"
        default: scalar.properties.isNoncharacterCodePoint
        }
    }
}
