/// Where path and query lie in a request target (RFC 9112, 3.2): origin form, absolute form, or `*`.
struct TargetForm {
    var path: Range<Int>
    var query: Range<Int>?

    init(path: Range<Int>, query: Range<Int>?) {
        self.path = path
        self.query = query
    }

    /// `nil` when the target has none of the three forms.
    init?(_ target: UnsafeRawBufferPointer) {
        guard let first = target.first else { return nil }
        if first == UInt8(ascii: "*") {
            guard target.count == 1 else { return nil }
            self.init(path: 0..<1, query: nil)
        } else if first == UInt8(ascii: "/") {
            self.init(target, pathFrom: 0)
        } else {
            guard let authority = Self.authority(in: target) else { return nil }
            guard Authority.isValid(UnsafeRawBufferPointer(rebasing: target[authority])) else { return nil }
            self.init(target, pathFrom: authority.upperBound)
        }
    }

    private init(_ target: UnsafeRawBufferPointer, pathFrom start: Int) {
        guard let mark = target[start...].firstIndex(of: UInt8(ascii: "?")) else {
            self.init(path: start..<target.count, query: nil)
            return
        }
        self.init(path: start..<mark, query: mark + 1..<target.count)
    }

    private static func authority(in target: UnsafeRawBufferPointer) -> Range<Int>? {
        for scheme in ["http://", "https://"] where target.count > scheme.utf8.count {
            guard zip(target, scheme.utf8).allSatisfy({ $0.lowercased == $1 }) else { continue }
            let start = scheme.utf8.count
            let end = target[start...].firstIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") }
            return start..<(end ?? target.count)
        }
        return nil
    }
}

/// `host [":" port]`, as in the Host field (RFC 9110, 7.2).
enum Authority {
    static func isValid(_ text: UnsafeRawBufferPointer) -> Bool {
        if text.first == UInt8(ascii: "[") {
            guard let end = text.firstIndex(of: UInt8(ascii: "]")), end > 2 else { return false }
            let isAddress = text[1..<end].allSatisfy {
                $0.hexValue != nil || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
            }
            return isAddress && isPort(text[(end + 1)...])
        }
        let end = text.firstIndex(of: UInt8(ascii: ":")) ?? text.count
        return end > 0 && text[..<end].allSatisfy(\.isRegisteredName) && isPort(text[end...])
    }

    /// Nothing, or a colon with a number up to 65535; the number may be missing.
    private static func isPort(_ text: Slice<UnsafeRawBufferPointer>) -> Bool {
        guard let colon = text.first else { return true }
        let digits = text.dropFirst()
        guard colon == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy(\.isDigit) else { return false }
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= 65535
    }
}
