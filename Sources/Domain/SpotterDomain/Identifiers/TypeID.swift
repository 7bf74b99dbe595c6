import Foundation

/// The text form of TypeIDs (https://github.com/jetify-com/typeid, specification 0.3.0).
enum TypeID {
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for value in UInt8(0)..<32 { values[Int(character(UInt64(value)))] = value }
        return values
    }()

    /// 128 bits as 26 characters of five bits each; the first carries three.
    static func encode(_ uuid: UUID, prefix: String) -> String {
        var prefix = prefix
        return prefix.withUTF8 { prefix in
            String(unsafeUninitializedCapacity: prefix.count + 27) { buffer in
                buffer.baseAddress.map { write(uuid, prefix: prefix, to: $0) } ?? 0
            }
        }
    }

    /// Stores the text where there is room for it: 27 bytes and the prefix.
    ///
    /// - Returns: how many bytes it has.
    static func write(
        _ uuid: UUID, prefix: UnsafeBufferPointer<UInt8>, to target: UnsafeMutablePointer<UInt8>
    ) -> Int {
        var target = target
        for byte in prefix {
            target.pointee = byte
            target += 1
        }
        if !prefix.isEmpty {
            target.pointee = UInt8(ascii: "_")
            target += 1
        }
        // From the last character to the first, each time taking the lowest five bits.
        var (high, low) = words(of: uuid)
        for index in stride(from: 25, through: 0, by: -1) {
            target[index] = character(low & 31)
            low = low >> 5 | high << 59
            high >>= 5
        }
        return prefix.isEmpty ? 26 : prefix.count + 27
    }

    private static func character(_ value: UInt64) -> UInt8 {
        let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
        return alphabet.utf8Start[Int(value)]
    }

    static func decode(_ text: String, prefix: String) -> UUID? {
        var text = text
        return text.withUTF8 { bytes -> UUID? in
            let start = prefix.isEmpty ? 0 : prefix.utf8.count + 1
            guard bytes.count == start + 26 else { return nil }
            if start > 0 {
                guard bytes.prefix(start - 1).elementsEqual(prefix.utf8), bytes[start - 1] == UInt8(ascii: "_") else {
                    return nil
                }
            }
            guard values[Int(bytes[start])] < 8 else { return nil }
            var high: UInt64 = 0
            var low: UInt64 = 0
            for index in start..<bytes.count {
                let value = values[Int(bytes[index])]
                guard value < 32 else { return nil }
                high = high << 5 | low >> 59
                low = low << 5 | UInt64(value)
            }
            return uuid(high, low)
        }
    }

    private static func words(of uuid: UUID) -> (UInt64, UInt64) {
        withUnsafeBytes(of: uuid.uuid) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    private static func uuid(_ high: UInt64, _ low: UInt64) -> UUID {
        var result = UUID_NULL
        withUnsafeMutableBytes(of: &result) { bytes in
            bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return UUID(uuid: result)
    }

    private static let UUID_NULL: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
}
