import SpotterDomain

/// Reads JSON that a provider sent, without stumbling over what models are known to write.
enum WireJSON {
    /// - Returns: `nil` for what is no JSON.
    static func parse(_ bytes: [UInt8]) -> JSONValue? {
        if let value = try? JSONParser.parse(bytes) { return value }
        return try? JSONParser.parse(mended(bytes))
    }

    /// Reads text.
    static func parse(_ text: String) -> JSONValue? { parse(Array(text.utf8)) }

    /// The arguments of a tool call: an object, `{}` where the model sent nothing, or the text that is neither.
    static func arguments(_ text: String) -> (value: JSONValue, invalid: String?) {
        guard text.utf8.contains(where: { $0 > 0x20 }) else { return (.object(JSONObject()), nil) }
        guard let value = parse(text), value.object != nil else {
            return (.object(JSONObject()), String(text.prefix(10_000)))
        }
        return (value, nil)
    }

    /// Puts U+FFFD where the strict reader finds a NUL or half a surrogate pair, and in place of broken UTF-8: a
    /// model's text may hold either, and the rest of the answer is worth having.
    private static func mended(_ bytes: [UInt8]) -> [UInt8] {
        let text = Array(String(decoding: bytes, as: UTF8.self).utf8)
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var place = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while place < text.count {
            guard text[place] == UInt8(ascii: "\\"), place + 1 < text.count else {
                result.append(text[place])
                place += 1
                continue
            }
            guard let code = unicodeEscape(text, at: place) else {
                result.append(contentsOf: text[place..<place + 2])
                place += 2
                continue
            }
            let isPair =
                (0xD800..<0xDC00).contains(code)
                && unicodeEscape(text, at: place + 6).map { (0xDC00..<0xE000).contains($0) } ?? false
            let length = isPair ? 12 : 6
            if isPair || (code != 0 && !(0xD800..<0xE000).contains(code)) {
                result.append(contentsOf: text[place..<place + length])
            } else {
                result.append(contentsOf: Array("\\uFFFD".utf8))
            }
            place += length
        }
        return result
    }

    private static func unicodeEscape(_ text: [UInt8], at place: Int) -> UInt32? {
        guard place + 6 <= text.count, text[place] == UInt8(ascii: "\\"), text[place + 1] == UInt8(ascii: "u") else {
            return nil
        }
        return UInt32(String(decoding: text[place + 2..<place + 6], as: UTF8.self), radix: 16)
    }
}
