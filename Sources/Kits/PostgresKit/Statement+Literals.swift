import Foundation

extension Statement {
    /// The SQL with its parameters written into it, each of its own type: for explaining and measuring it by other
    /// means. Never sent as a statement of the program.
    package var literalText: String {
        parameters.indices.reversed().reduce(text) { text, index in
            text.replacing("$\(index + 1)", with: parameters[index].literal)
        }
    }
}

extension PostgresValue {
    /// As SQL writes it; `bytea` and arrays of mixed values are not needed and NULL here.
    fileprivate var literal: String {
        switch storage {
        case .null, .bytes, .array: "NULL"
        case .text(let text): Self.quoted(text) + "::text"
        case .json(let document): Self.quoted(String(decoding: document, as: UTF8.self)) + "::json"
        case .integer(let value): "\(value)"
        case .boolean(let value): "\(value)"
        case .double(let value): "\(value)"
        case .numeric(let value): "\(value)"
        case .uuid(let value): "'\(value.uuidString.lowercased())'::uuid"
        case .timestamp(let value): Self.quoted(Self.text(of: value)) + "::timestamptz"
        case .textArray(let values): "ARRAY[" + values.map(Self.quoted).joined(separator: ", ") + "]::text[]"
        case .uuidArray(let values):
            "ARRAY[" + values.map { "'\($0.uuidString.lowercased())'" }.joined(separator: ", ") + "]::uuid[]"
        case .integerArray(let values): "ARRAY[" + values.map(\.description).joined(separator: ", ") + "]::bigint[]"
        }
    }

    private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    private static func text(of date: Date) -> String {
        var bytes: [UInt8] = []
        TimestampText.append(date, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}
