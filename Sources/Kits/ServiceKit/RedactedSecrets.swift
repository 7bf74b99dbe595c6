import Foundation

/// Secrets that are taken out of text, however many there are: the time it takes depends on the text alone.
struct RedactedSecrets: Sendable {
    /// Shorter ones are not told apart from ordinary words.
    private static let window = MemoryLayout<UInt64>.size

    /// By their first eight bytes; the longest first.
    private var secrets: [UInt64: [[UInt8]]] = [:]

    /// Adds one of at least eight bytes; ignores others.
    mutating func insert(_ secret: String) {
        let bytes = Array(secret.utf8)
        guard bytes.count >= Self.window else { return }
        let start = bytes.prefix(Self.window).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
        var known = secrets[start] ?? []
        guard !known.contains(bytes) else { return }
        known.append(bytes)
        secrets[start] = known.sorted { $0.count > $1.count }
    }

    /// The text with `[redacted]` in the place of each secret.
    func redacted(_ text: String) -> String {
        guard !secrets.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var result: [UInt8]?
        var copied = 0
        var place = 0
        var start: UInt64 = 0
        // `start` is the eight bytes before `place`.
        while place < bytes.count {
            start = start << 8 | UInt64(bytes[place])
            place += 1
            guard place - copied >= Self.window, let found = secrets[start] else { continue }
            let from = place - Self.window
            guard let secret = found.first(where: { bytes[from...].starts(with: $0) }) else { continue }
            result = (result ?? []) + bytes[copied..<from] + Array("[redacted]".utf8)
            place = from + secret.count
            copied = place
        }
        guard let result else { return text }
        return String(decoding: result + bytes[copied...], as: UTF8.self)
    }
}
