import CLibpq

/// A statement that one connection has prepared, or has asked the server to.
final class PreparedStatement {
    let sql: StaticString
    let name: String
    /// Whether only this kit itself may send it.
    let changesSession: Bool
    /// Why the server would not prepare it.
    var error: PostgresError?
    private var columns: Columns?

    init(sql: StaticString, name: String) {
        self.sql = sql
        self.name = name
        changesSession = sql.changesSession
    }

    fileprivate func columns(of result: OpaquePointer) -> Columns {
        // A prepared statement's columns never change: the server refuses (0A000) rather than return others.
        if let columns { return columns }
        let columns = Columns(of: result)
        self.columns = columns
        return columns
    }
}

extension Optional<PreparedStatement> {
    func columns(of result: OpaquePointer) -> Columns { self?.columns(of: result) ?? Columns(of: result) }
}
