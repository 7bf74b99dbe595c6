import Foundation

/// The text form of TypeIDs (https://github.com/jetify-com/typeid, specification 0.3.0).
enum TypeID {
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// 128 bits as 26 characters of five bits each; the first carries three.
    static func encode(_ uuid: UUID, prefix: String) -> String {
        let (high, low) = words(of: uuid)
        let separator = prefix.isEmpty ? 0 : 1
        return String(unsafeUninitializedCapacity: prefix.utf8.count + separator + 26) { buffer in
            var position = 0
            for byte in prefix.utf8 {
                buffer[position] = byte
                position += 1
            }
            if separator == 1 {
                buffer[position] = UInt8(ascii: "_")
                position += 1
            }
            for index in 0..<26 {
                let shift = 125 - 5 * index
                let bits: UInt64
                if shift >= 64 {
                    bits = high >> UInt64(shift - 64)
                } else if shift > 59 {
                    bits = high << UInt64(64 - shift) | low >> UInt64(shift)
                } else {
                    bits = low >> UInt64(shift)
                }
                buffer[position] = alphabet[Int(bits & 31)]
                position += 1
            }
            return position
        }
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
