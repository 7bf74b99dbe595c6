/// Why a YAML text was refused, and where.
public struct YAMLError: Error, Equatable, Sendable {
    /// The file's name as the caller gave it.
    public let file: String
    /// Where the trouble is.
    public let mark: Mark
    /// What is wrong and, where that helps, what to write instead.
    public let message: String

    /// An error at a place. Whoever checks a tree's meaning reports in the same form.
    public init(file: String, mark: Mark, message: String) {
        self.file = file
        self.mark = mark
        self.message = message
    }

    /// The line, from 1.
    public var line: Int { mark.line }

    /// The column, from 1.
    public var column: Int { mark.column }
}

extension YAMLError: CustomStringConvertible {
    /// `file:line:column: message`, as compilers print it.
    public var description: String { "\(file):\(mark): \(message)" }
}
