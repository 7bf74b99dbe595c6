/// Reads the header lines that curl hands over one by one, until the head of the final answer is complete.
struct HeadReader: Sendable {
    /// What a line did.
    enum Verdict: Sendable, Equatable {
        /// More lines are to come; or the line belongs to a trailer, which is not kept.
        case more
        /// The head of the final answer is complete.
        case complete
        /// The header section is over its limit.
        case tooLarge
        /// The line is not one of HTTP.
        case invalid
    }

    /// The most bytes that all header lines may have together, those of interim answers and trailers included.
    let limit: Int
    private(set) var status = 0
    private(set) var headers = MessageHeaders()
    private(set) var isComplete = false
    private var total = 0

    init(limit: Int) { self.limit = limit }

    mutating func receive(line bytes: UnsafeRawBufferPointer) -> Verdict {
        total += bytes.count
        guard total <= limit else { return .tooLarge }
        guard !isComplete else { return .more }
        let text = String(decoding: bytes, as: UTF8.self).filter { $0 != "\r" && $0 != "\n" && $0 != "\r\n" }
        if text.hasPrefix("HTTP/") { return begin(text) }
        guard !text.isEmpty else { return end() }
        if text.first == " " || text.first == "\t" {
            headers.fold(Self.trimmed(text[...]))
            return .more
        }
        guard let colon = text.firstIndex(of: ":"), colon > text.startIndex else { return .invalid }
        headers.append(String(text[..<colon]), Self.trimmed(text[text.index(after: colon)...]))
        return .more
    }

    private mutating func begin(_ line: String) -> Verdict {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, let status = Int(parts[1]), (100...599).contains(status) else { return .invalid }
        self.status = status
        headers = MessageHeaders()
        return .more
    }

    private mutating func end() -> Verdict {
        guard status >= 200 else { return .more }
        isComplete = true
        return .complete
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
