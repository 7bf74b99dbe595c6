/// One SQL statement with its parameters `$1, $2 …`.
///
/// The SQL is a `StaticString`: it is part of the program, never put together at run time, so that no input can become
/// SQL. Each text is prepared once a connection, recognised by the identity of the static string.
public struct Statement: Sendable {
    let sql: StaticString
    let parameters: [PostgresValue]
    /// What whoever observes commits is told when the statement's transaction is committed.
    private(set) var topics: [String] = []

    /// - Parameter parameters: the values of `$1, $2 …`; optionals become NULL.
    public init<each Parameter: PostgresEncodable>(_ sql: StaticString, _ parameters: repeat each Parameter) {
        var values: [PostgresValue] = []
        for parameter in repeat each parameters { values.append(parameter.postgresValue) }
        self.init(sql, parameters: values)
    }

    /// - Parameter parameters: the values of `$1, $2 …`.
    public init(_ sql: StaticString, parameters: [PostgresValue]) {
        precondition(sql.hasPointerRepresentation)
        self.sql = sql
        self.parameters = parameters
    }

    /// The same, which tells those who observe commits.
    public func telling(_ topics: [String]) -> Statement {
        var statement = self
        statement.topics = topics
        return statement
    }

    /// The SQL, for measuring it by other means.
    package var text: String { "\(sql)" }

    /// Refuses, before anything is sent, what PostgreSQL cannot hold and what would change the state of a connection
    /// that many requests share.
    func validate() throws(PostgresError) {
        guard parameters.count <= Int(UInt16.max) else {
            throw PostgresError(.invalidValue, "\(parameters.count) parameters; PostgreSQL takes 65535 at most")
        }
        for (index, parameter) in parameters.enumerated() { try parameter.validate(number: index + 1) }
    }
}

extension StaticString {
    /// Where the text begins, which is what makes it that text.
    var identity: UnsafeRawPointer { UnsafeRawPointer(utf8Start) }

    /// The text for C, ending in NUL.
    var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }

    /// The first word after blanks and comments, in capitals.
    var leadingKeyword: String {
        var bytes = UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)[...]
        while let first = bytes.first {
            if first == UInt8(ascii: "-"), bytes.dropFirst().first == UInt8(ascii: "-") {
                bytes = bytes.drop { $0 != UInt8(ascii: "\n") }
            } else if first == UInt8(ascii: "/"), bytes.dropFirst().first == UInt8(ascii: "*") {
                bytes = bytes.droppingComment()
            } else if first <= 0x20 || first == UInt8(ascii: "(") || first == UInt8(ascii: ";") {
                bytes = bytes.dropFirst()
            } else {
                break
            }
        }
        let word = bytes.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
        return String(decoding: word, as: UTF8.self).uppercased()
    }

    /// Whether the statement begins or ends transactions, changes the session, or switches to another protocol: all
    /// of which would be felt by the next user of the connection.
    var changesSession: Bool { Self.sessionKeywords.contains(leadingKeyword) }

    private static let sessionKeywords: Set<String> = [
        "BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE", "PREPARE", "EXECUTE",
        "DEALLOCATE", "SET", "RESET", "DISCARD", "LISTEN", "UNLISTEN", "COPY", "DECLARE",
    ]
}

extension Slice<UnsafeBufferPointer<UInt8>> {
    /// What follows the block comment at the start; comments nest.
    fileprivate func droppingComment() -> Self {
        var rest = self
        var depth = 0
        while let first = rest.first {
            let second = rest.dropFirst().first
            if first == UInt8(ascii: "/"), second == UInt8(ascii: "*") {
                depth += 1
                rest = rest.dropFirst(2)
            } else if first == UInt8(ascii: "*"), second == UInt8(ascii: "/") {
                depth -= 1
                rest = rest.dropFirst(2)
                if depth == 0 { break }
            } else {
                rest = rest.dropFirst()
            }
        }
        return rest
    }
}
