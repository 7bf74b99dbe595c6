import CLibpq

/// The rows that a statement returned, read straight from libpq's memory, which lives as long as any row of it.
public struct Rows: Sendable, RandomAccessCollection {
    let result: ResultStorage

    /// The first row's position: 0.
    public var startIndex: Int { 0 }
    /// How many rows there are.
    public var endIndex: Int { result.rowCount }
    /// The row at `position`.
    public subscript(position: Int) -> Row {
        precondition(position >= 0 && position < result.rowCount, "row \(position) of \(result.rowCount)")
        return Row(result: result, index: Int32(position))
    }

    /// How many rows an `INSERT`, `UPDATE`, `DELETE` or `MERGE` changed, or a `SELECT` returned.
    public var affected: Int { result.affected }

    /// The columns' names, in order.
    public var columns: [String] { result.columns.names }

    /// The one row of a statement that returns exactly one.
    ///
    /// - Throws: `PostgresError` `.decoding` when there are none or several.
    public func exactlyOne() throws -> Row {
        guard count == 1 else {
            throw PostgresError(.decoding, "one row was expected, \(count) came")
        }
        return self[0]
    }
}

/// One row of a result.
///
/// Reading a column is inlinable: a list of fifty rows reads a thousand of them, each of a type that its reader knows.
public struct Row: Sendable {
    @usableFromInline let result: ResultStorage
    @usableFromInline let index: Int32

    init(result: ResultStorage, index: Int32) {
        self.result = result
        self.index = index
    }

    /// The value of the column `name`.
    ///
    /// - Throws: `PostgresError` `.decoding`, naming the column, when there is no such column, when its type is
    ///   another, and when it is NULL but `type` is not an optional.
    @inlinable
    public func get<Value: PostgresDecodable>(_ name: StaticString, as type: Value.Type = Value.self) throws -> Value {
        try decode(position(of: name), type)
    }

    /// The value of the column at `column`, from 0.
    @inlinable
    public func get<Value: PostgresDecodable>(_ column: Int, as type: Value.Type = Value.self) throws -> Value {
        guard column >= 0, column < result.columnCount else { throw missing(column) }
        return try decode(column, type)
    }

    @inlinable
    func decode<Value: PostgresDecodable>(_ column: Int, _ type: Value.Type) throws -> Value {
        do {
            return try Value.decode(result.field(row: index, column: column))
        } catch { throw failure(error, column, type) }
    }

    @usableFromInline
    func position(of name: StaticString) throws -> Int {
        let column = result.columns.index(of: name)
        guard column >= 0 else {
            throw PostgresError(kind: .decoding, column: "\(name)", message: "the result has no such column")
        }
        return column
    }

    @usableFromInline
    func missing(_ column: Int) -> PostgresError {
        PostgresError(kind: .decoding, column: "#\(column)", message: "the result has no such column")
    }

    @usableFromInline
    func failure(_ error: any Error, _ column: Int, _ type: any Any.Type) -> any Error {
        guard let error = error as? PostgresField.Mismatch else { return error }
        let message = "cannot be read as \(type): \(error.reason)"
        return PostgresError(kind: .decoding, column: result.columns.names[column], message: message)
    }
}

/// Owns a `PGresult`.
///
/// `@unchecked Sendable`: libpq never changes a result that it has handed out; `PQclear` runs when nobody reads.
@usableFromInline
final class ResultStorage: @unchecked Sendable {
    private let pointer: OpaquePointer
    let columns: Columns
    let rowCount: Int
    @usableFromInline let columnCount: Int

    /// Takes over `result`.
    init(_ result: OpaquePointer, columns: Columns) {
        pointer = result
        self.columns = columns
        rowCount = Int(PQntuples(result))
        columnCount = columns.types.count
    }

    deinit { PQclear(pointer) }

    /// - Parameter column: less than `columnCount`.
    @usableFromInline
    func field(row: Int32, column: Int) -> PostgresField {
        let type = columns.types[column]
        let count = Int(PQgetlength(pointer, row, Int32(column)))
        if count == 0, PQgetisnull(pointer, row, Int32(column)) == 1 { return PostgresField(bytes: nil, type: type) }
        let start = UnsafeRawPointer(PQgetvalue(pointer, row, Int32(column)))
        return PostgresField(bytes: UnsafeRawBufferPointer(start: start, count: count), type: type)
    }

    var affected: Int { PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } ?? 0 }

    /// The command's name and count, such as `COMMIT` or `UPDATE 3`.
    var commandTag: String { PQcmdStatus(pointer).map { String(cString: $0) } ?? "" }
}

/// The columns of a prepared statement's results: made from the first result and shared by all that follow.
final class Columns: Sendable {
    /// What is compared first: most names differ in their length or their first eight bytes.
    private struct Key: Equatable {
        let prefix: UInt64
        let count: Int

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            var prefix: UInt64 = 0
            for byte in bytes.prefix(8) { prefix = prefix << 8 | UInt64(byte) }
            self.prefix = prefix
            count = bytes.count
        }
    }

    let names: [String]
    let types: [UInt32]
    private let keys: [Key]

    init(of result: OpaquePointer) {
        let count = PQnfields(result)
        names = (0..<count).map { PQfname(result, $0).map { String(cString: $0) } ?? "" }
        types = (0..<count).map { PQftype(result, $0) }
        keys = names.map { name in
            var name = name
            return name.withUTF8 { Key($0) }
        }
    }

    /// The position of the column, or -1.
    func index(of name: StaticString) -> Int {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        let key = Key(bytes)
        for position in keys.indices where keys[position] == key {
            if key.count <= 8 || names[position].utf8.elementsEqual(bytes) { return position }
        }
        return -1
    }
}
