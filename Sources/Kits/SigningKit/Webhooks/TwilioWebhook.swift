/// Twilio's `X-Twilio-Signature` (twilio.com, "Validating signatures from Twilio"): HMAC-SHA1 in Base64 of the whole
/// address, with its query, and behind it each field of the form, name and value, in the order of the names.
///
/// No time is signed: the message's own id, which is a field, tells a repetition.
enum TwilioWebhook {
    private static let field = "x-twilio-signature"

    static func verify(_ message: WebhookMessage, _ secrets: [String]) throws(WebhookRefusal) -> String? {
        let text = try message.header(field)
        guard let code = WebhookBase64.decode(text), code.count == HMACSHA1.byteCount else {
            throw .malformed(field)
        }
        guard let fields = fields(of: message.body) else { throw .malformed("body") }
        var isGood = false
        for address in addresses(message.url) {
            let signed = Array(address.utf8) + fields
            for secret in secrets where !secret.isEmpty {
                let isValid = try? HMACSHA1.isValid(code, for: signed, key: Array(secret.utf8))
                isGood = (isValid ?? false) || isGood
            }
        }
        guard isGood else { throw .mismatch }
        return nil
    }

    /// Senders disagree on whether the port that goes without saying is written.
    private static func addresses(_ url: String) -> [String] {
        for (scheme, port) in [("https://", ":443"), ("http://", ":80")] where url.hasPrefix(scheme) {
            let rest = url.dropFirst(scheme.count)
            let host = rest.prefix { !"/?#".contains($0) }
            let path = rest.dropFirst(host.count)
            if host.hasSuffix(port) { return [url, scheme + host.dropLast(port.count) + path] }
            // A colon behind the bracket of an IPv6 address, or any other, begins a port.
            let name = host.lastIndex(of: "]").map { host[$0...] } ?? host
            return name.contains(":") ? [url] : [url, scheme + host + port + path]
        }
        return [url]
    }

    /// The fields as they are signed: of one that stands twice with the same value one, and of several values all.
    ///
    /// - Returns: nil where something is not escaped as a form has it.
    private static func fields(of body: [UInt8]) -> [UInt8]? {
        var fields: [(name: [UInt8], value: [UInt8])] = []
        for part in body.split(separator: UInt8(ascii: "&")) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decoded(halves[0]), let value = decoded(halves.count > 1 ? halves[1] : []) else {
                return nil
            }
            fields.append((name, value))
        }
        fields.sort { left, right in
            left.name == right.name
                ? left.value.lexicographicallyPrecedes(right.value) : left.name.lexicographicallyPrecedes(right.name)
        }
        var signed: [UInt8] = []
        for (index, field) in fields.enumerated() where index == 0 || fields[index - 1] != field {
            signed += field.name + field.value
        }
        return signed
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            switch text[index] {
            case UInt8(ascii: "+"): bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard index + 2 < text.endIndex,
                    let byte = try? Hex.decode(String(decoding: text[index + 1...index + 2], as: UTF8.self))
                else { return nil }
                bytes += byte
                index += 2
            case let byte: bytes.append(byte)
            }
            index += 1
        }
        return bytes
    }
}
