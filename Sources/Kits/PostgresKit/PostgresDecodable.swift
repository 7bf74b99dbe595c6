public import Foundation

/// A type that a field of a row can be read as.
///
/// An enum with a `String` or integer raw value conforms by saying so.
public protocol PostgresDecodable {
    /// Reads the value; throws `PostgresField.Mismatch` when it cannot be one.
    static func decode(_ field: PostgresField) throws -> Self
}

/// One field in PostgreSQL's binary format.
public struct PostgresField {
    /// Why a field cannot be read as the type asked for; never quotes the value.
    public struct Mismatch: Error {
        /// For a programmer to read.
        public let reason: String
        /// - Parameter reason: goes into the error's message; without the value.
        public init(_ reason: String) { self.reason = reason }
    }

    /// The bytes, valid during `decode` only; nil for NULL.
    public let bytes: UnsafeRawBufferPointer?
    /// The type's object id in `pg_type`.
    public let type: UInt32

    /// The bytes, or a `Mismatch` when the field is NULL.
    public func required() throws -> UnsafeRawBufferPointer {
        guard let bytes else { throw Mismatch("it is NULL") }
        return bytes
    }

    func bigEndian<Value: FixedWidthInteger>(_ type: Value.Type, at offset: Int = 0) throws -> Value {
        let bytes = try required()
        guard offset >= 0, bytes.count >= offset + MemoryLayout<Value>.size else { throw Mismatch("it is too short") }
        return Value(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
    }

    func unexpectedType() -> Mismatch { Mismatch("its type has the object id \(type)") }

    /// The object ids of built-in types (`pg_type.dat`); they never change.
    enum TypeID {
        static let bool: UInt32 = 16
        static let bytea: UInt32 = 17
        static let name: UInt32 = 19
        static let int8: UInt32 = 20
        static let int2: UInt32 = 21
        static let int4: UInt32 = 23
        static let text: UInt32 = 25
        static let oid: UInt32 = 26
        static let json: UInt32 = 114
        static let float4: UInt32 = 700
        static let float8: UInt32 = 701
        static let unknown: UInt32 = 705
        static let bpchar: UInt32 = 1042
        static let varchar: UInt32 = 1043
        static let date: UInt32 = 1082
        static let timestamp: UInt32 = 1114
        static let timestamptz: UInt32 = 1184
        static let numeric: UInt32 = 1700
        static let uuid: UInt32 = 2950
        static let jsonb: UInt32 = 3802
        /// Types made by `CREATE TYPE` and extensions begin here.
        static let firstCustom: UInt32 = 16_384
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    /// NULL becomes nil.
    public static func decode(_ field: PostgresField) throws -> Wrapped? {
        field.bytes == nil ? nil : try Wrapped.decode(field)
    }
}

extension PostgresDecodable where Self: RawRepresentable, RawValue: PostgresDecodable {
    /// Reads the raw value; anything but a known case is refused.
    public static func decode(_ field: PostgresField) throws -> Self {
        guard let value = Self(rawValue: try RawValue.decode(field)) else {
            throw PostgresField.Mismatch("it is none of the known cases")
        }
        return value
    }
}

extension String: PostgresDecodable {
    /// `text` and its kin, enums, and the text of `json` and `jsonb`.
    public static func decode(_ field: PostgresField) throws -> String {
        var bytes = try field.required()
        switch field.type {
        case PostgresField.TypeID.text, PostgresField.TypeID.varchar, PostgresField.TypeID.bpchar,
            PostgresField.TypeID.name, PostgresField.TypeID.unknown, PostgresField.TypeID.json:
            break
        case PostgresField.TypeID.jsonb: bytes = try PostgresJSON.document(field)
        case PostgresField.TypeID.firstCustom...:
            guard !bytes.contains(0) else { throw field.unexpectedType() }
        default: throw field.unexpectedType()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension PostgresJSON: PostgresDecodable {
    /// `json` and `jsonb`.
    public static func decode(_ field: PostgresField) throws -> PostgresJSON {
        PostgresJSON(bytes: Array(try document(field)))
    }

    fileprivate static func document(_ field: PostgresField) throws -> UnsafeRawBufferPointer {
        let bytes = try field.required()
        switch field.type {
        case PostgresField.TypeID.json: return bytes
        case PostgresField.TypeID.jsonb:
            // One byte of version goes before the text.
            guard bytes.first == 1 else { throw PostgresField.Mismatch("its jsonb version is unknown") }
            return UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        default: throw field.unexpectedType()
        }
    }
}

extension Int64: PostgresDecodable {
    /// `bigint`, `integer` and `smallint`.
    public static func decode(_ field: PostgresField) throws -> Int64 {
        switch field.type {
        case PostgresField.TypeID.int8: try field.bigEndian(Int64.self)
        case PostgresField.TypeID.int4: Int64(try field.bigEndian(Int32.self))
        case PostgresField.TypeID.int2: Int64(try field.bigEndian(Int16.self))
        case PostgresField.TypeID.oid: Int64(try field.bigEndian(UInt32.self))
        default: throw field.unexpectedType()
        }
    }
}

extension Int: PostgresDecodable {
    /// `bigint`, `integer` and `smallint`.
    public static func decode(_ field: PostgresField) throws -> Int { Int(try Int64.decode(field)) }
}

extension Int32: PostgresDecodable {
    /// `integer` and `smallint`, and a `bigint` that fits.
    public static func decode(_ field: PostgresField) throws -> Int32 {
        guard let value = Int32(exactly: try Int64.decode(field)) else {
            throw PostgresField.Mismatch("it does not fit 32 bits")
        }
        return value
    }
}

extension Bool: PostgresDecodable {
    /// `boolean`.
    public static func decode(_ field: PostgresField) throws -> Bool {
        guard field.type == PostgresField.TypeID.bool else { throw field.unexpectedType() }
        return try field.bigEndian(UInt8.self) != 0
    }
}

extension Double: PostgresDecodable {
    /// `double precision` and `real`.
    public static func decode(_ field: PostgresField) throws -> Double {
        switch field.type {
        case PostgresField.TypeID.float8: Double(bitPattern: try field.bigEndian(UInt64.self))
        case PostgresField.TypeID.float4: Double(Float(bitPattern: try field.bigEndian(UInt32.self)))
        default: throw field.unexpectedType()
        }
    }
}

extension UUID: PostgresDecodable {
    /// `uuid`.
    public static func decode(_ field: PostgresField) throws -> UUID {
        let bytes = try field.required()
        guard field.type == PostgresField.TypeID.uuid, bytes.count == 16 else { throw field.unexpectedType() }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }
}

extension Date: PostgresDecodable {
    /// From 2000-01-01, PostgreSQL's epoch, back to 2001-01-01, Foundation's, in seconds.
    private static let epochDistance: Int64 = 366 * 86_400

    /// `timestamptz`, and `timestamp` and `date` read as UTC; infinity is refused.
    public static func decode(_ field: PostgresField) throws -> Date {
        switch field.type {
        case PostgresField.TypeID.timestamptz, PostgresField.TypeID.timestamp:
            let microseconds = try field.bigEndian(Int64.self)
            guard microseconds != .max, microseconds != .min else { throw PostgresField.Mismatch("it is infinite") }
            let (seconds, rest) = microseconds.dividedFloored(by: 1_000_000)
            return Date(
                timeIntervalSinceReferenceDate: Double(seconds - epochDistance) + Double(rest) / 1_000_000)
        case PostgresField.TypeID.date:
            let days = try field.bigEndian(Int32.self)
            guard days != .max, days != .min else { throw PostgresField.Mismatch("it is infinite") }
            return Date(timeIntervalSinceReferenceDate: Double(Int64(days) * 86_400 - epochDistance))
        default: throw field.unexpectedType()
        }
    }
}

extension Data: PostgresDecodable {
    /// `bytea`.
    public static func decode(_ field: PostgresField) throws -> Data {
        guard field.type == PostgresField.TypeID.bytea else { throw field.unexpectedType() }
        return Data(try field.required())
    }
}
