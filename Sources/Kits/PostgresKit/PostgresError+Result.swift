import CLibpq

extension PostgresError {
    /// The error that a failed result carries.
    init(result: OpaquePointer, kind: Kind = .server) {
        func field(_ code: Int32) -> String? {
            guard let text = PQresultErrorField(result, code) else { return nil }
            return String(cString: text)
        }
        let state = field(Diagnostic.sqlState)
        let message = field(Diagnostic.primary) ?? PQresultErrorMessage(result).map { String(cString: $0) }
        self.init(
            kind: kind, sqlState: state, constraint: field(Diagnostic.constraint), table: field(Diagnostic.table),
            column: field(Diagnostic.column), message: message ?? "no message",
            detail: Self.join([
                field(Diagnostic.detail), field(Diagnostic.hint), field(Diagnostic.context),
                field(Diagnostic.position).map { "at character \($0)" },
            ]))
    }

    private static func join(_ parts: [String?]) -> String? {
        let present = parts.compactMap { $0 }
        return present.isEmpty ? nil : present.joined(separator: "; ")
    }

    /// The field codes of libpq (`PG_DIAG_…`), which are character literals that Swift does not import.
    enum Diagnostic {
        static let severity = Int32(UInt8(ascii: "V"))
        static let sqlState = Int32(UInt8(ascii: "C"))
        static let primary = Int32(UInt8(ascii: "M"))
        static let detail = Int32(UInt8(ascii: "D"))
        static let hint = Int32(UInt8(ascii: "H"))
        static let context = Int32(UInt8(ascii: "W"))
        static let position = Int32(UInt8(ascii: "P"))
        static let table = Int32(UInt8(ascii: "t"))
        static let column = Int32(UInt8(ascii: "c"))
        static let constraint = Int32(UInt8(ascii: "n"))
    }

    /// Whether the server ended the session with this result.
    static func endsSession(_ result: OpaquePointer) -> Bool {
        guard let severity = PQresultErrorField(result, Diagnostic.severity) else { return false }
        let text = String(cString: severity)
        return text == "FATAL" || text == "PANIC"
    }
}
