import CLibpq
import Foundation

/// The parameters of one message in the shape that libpq wants; its storage is reused from message to message.
struct ParameterBuffer {
    private var bytes: [UInt8] = []
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var pointers: [UnsafePointer<CChar>?] = []

    private static let text: Int32 = 0
    private static let binary: Int32 = 1
    private static let absent = -1

    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
        offsets.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        formats.removeAll(keepingCapacity: true)
    }

    mutating func append(_ value: PostgresValue) {
        let start = bytes.count
        switch value.storage {
        case .null:
            add(offset: Self.absent, length: 0, format: Self.text)
            return
        case .bytes(let raw):
            bytes.append(contentsOf: raw)
            // libpq takes a null pointer for NULL, so that an empty value still needs an address of its own.
            bytes.append(0)
            add(offset: start, length: Int32(raw.count), format: Self.binary)
            return
        default: appendText(value.storage)
        }
        add(offset: start, length: Int32(bytes.count - start), format: Self.text)
        bytes.append(0)
    }

    /// What PostgreSQL reads as text; nothing for NULL and `bytea`, which do not go this way.
    private mutating func appendText(_ storage: PostgresValue.Storage) {
        switch storage {
        case .null, .bytes: break
        case .text(let text): append(text)
        case .json(let document): bytes.append(contentsOf: document)
        case .integer(let value): append(value)
        case .boolean(let value): bytes.append(value ? UInt8(ascii: "t") : UInt8(ascii: "f"))
        case .double(let value): bytes.append(contentsOf: value.description.utf8)
        case .uuid(let value): append(value)
        case .timestamp(let value): TimestampText.append(value, to: &bytes)
        case .numeric(let value): bytes.append(contentsOf: value.description.utf8)
        case .textArray(let values): appendArray(values) { $0.appendQuoted($1) }
        case .uuidArray(let values): appendArray(values) { $0.append($1) }
        case .integerArray(let values): appendArray(values) { $0.append($1) }
        case .array(let values): appendArray(values) { $0.appendElement($1.storage) }
        }
    }

    private mutating func appendElement(_ storage: PostgresValue.Storage) {
        switch storage {
        case .null: bytes.append(contentsOf: "NULL".utf8)
        case .text(let text): appendQuoted(text)
        case .json(let document): document.withUnsafeBufferPointer { appendQuoted($0) }
        case .timestamp:
            bytes.append(UInt8(ascii: "\""))
            appendText(storage)
            bytes.append(UInt8(ascii: "\""))
        default: appendText(storage)
        }
    }

    /// Calls `body` with the arrays that `PQsendQueryPrepared` takes; they are valid inside it only.
    mutating func withArrays<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: UnsafePointer<Int32>?,
            _ formats: UnsafePointer<Int32>?
        ) -> Result
    ) -> Result {
        guard !offsets.isEmpty else { return body(0, nil, nil, nil) }
        pointers.removeAll(keepingCapacity: true)
        return bytes.withUnsafeBytes { raw in
            for offset in offsets {
                pointers.append(
                    offset == Self.absent
                        ? nil : raw.baseAddress.map { ($0 + offset).assumingMemoryBound(to: CChar.self) })
            }
            return body(Int32(offsets.count), pointers, lengths, formats)
        }
    }

    private mutating func add(offset: Int, length: Int32, format: Int32) {
        offsets.append(offset)
        lengths.append(length)
        formats.append(format)
    }

    private mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    private mutating func append(_ value: Int64) {
        var magnitude = value.magnitude
        let start = bytes.count
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude % 10))
            magnitude /= 10
        } while magnitude > 0
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes[start...].reverse()
    }

    private mutating func append(_ value: UUID) {
        withUnsafeBytes(of: value.uuid) { raw in
            for (index, byte) in raw.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 { bytes.append(UInt8(ascii: "-")) }
                bytes.append(Self.hexadecimal(byte >> 4))
                bytes.append(Self.hexadecimal(byte & 15))
            }
        }
    }

    private static func hexadecimal(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
    }

    /// An array literal: `{…,…}`.
    private mutating func appendArray<Element>(
        _ elements: [Element], _ appendElement: (inout ParameterBuffer, Element) -> Void
    ) {
        bytes.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            appendElement(&self, element)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// An element in quotes, which alone keep the empty string, the word NULL, commas and braces what they are.
    private mutating func appendQuoted(_ text: String) {
        var text = text
        text.withUTF8 { appendQuoted($0) }
    }

    private mutating func appendQuoted(_ utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for index in utf8.indices where utf8[index] == UInt8(ascii: "\"") || utf8[index] == UInt8(ascii: "\\") {
            bytes.append(contentsOf: utf8[start..<index])
            bytes.append(UInt8(ascii: "\\"))
            start = index
        }
        bytes.append(contentsOf: utf8[start...])
        bytes.append(UInt8(ascii: "\""))
    }
}
