/// One thing wrong with a configuration file, and where.
public struct ConfigurationIssue: Sendable, Hashable {
    /// A place in a text; both numbers count from 1, columns in Unicode scalars.
    public struct Place: Sendable, Hashable, Comparable {
        /// The first line is 1.
        public let line: Int
        /// The first character of a line is 1.
        public let column: Int

        /// The place in this line and column.
        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }

        /// Where a text begins.
        public static let start = Place(line: 1, column: 1)

        /// In reading order.
        public static func < (left: Place, right: Place) -> Bool {
            (left.line, left.column) < (right.line, right.column)
        }
    }

    /// The file's path, built on the folder's as it was given.
    public let file: String
    /// nil when the fault is the folder's and no file's.
    public let place: Place?
    /// What is wrong and what would be right. Never holds a value that may be a secret.
    public let message: String

    /// An issue with these parts; invisible characters in them are spelled out.
    public init(file: String, place: Place?, message: String) {
        self.file = Self.printable(file)
        self.place = place
        self.message = Self.printable(message)
    }

    /// Names come from files: they must not move the cursor of a terminal, break a log line or reverse its direction.
    private static func printable(_ text: String) -> String {
        let isHarmless = { (scalar: Unicode.Scalar) in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: false
            default: true
            }
        }
        guard !text.unicodeScalars.allSatisfy(isHarmless) else { return text }
        return text.unicodeScalars.map { scalar in
            isHarmless(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }.joined()
    }
}

extension ConfigurationIssue: CustomStringConvertible {
    /// `file:line:column: message`, as compilers write it, so that editors can jump to the place.
    public var description: String {
        guard let place else { return "\(file): \(message)" }
        return "\(file):\(place.line):\(place.column): \(message)"
    }
}

extension ConfigurationIssue: Comparable {
    /// By file, then by place.
    public static func < (left: ConfigurationIssue, right: ConfigurationIssue) -> Bool {
        if left.file != right.file { return left.file < right.file }
        if left.place != right.place { return (left.place ?? .start) < (right.place ?? .start) }
        return left.message < right.message
    }
}
