import Foundation

/// Where in a trace something was asked for: W3C Trace Context's `traceparent`, level 1, version 00.
public struct TraceParent: Sendable, Hashable {
    /// The trace, 16 bytes that are not all zero.
    public let trace: TraceID
    /// Who asked, 8 bytes that are not all zero.
    public let span: SpanID
    /// Whether whoever asked keeps the trace.
    public let isSampled: Bool
    /// What came along with it for others; nil where nothing did.
    public var state: TraceState?

    /// Carries what a request came with, or what is under way, to what it begins. Executions are kept with it.
    @TaskLocal public static var current: TraceParent?

    /// A place in a trace.
    public init(trace: TraceID, span: SpanID, isSampled: Bool = true, state: TraceState? = nil) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads a header's value; nil for one that says nothing, as the specification wants it then.
    ///
    /// Later versions are read as far as this one goes.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes[2] == Self.dash, bytes[35] == Self.dash, bytes[52] == Self.dash,
            let version = Self.number(bytes[0..<2]), version != 0xFF, version != 0 || bytes.count == 55,
            bytes.count == 55 || bytes[55] == Self.dash, let flags = Self.number(bytes[53..<55]),
            let high = Self.number(bytes[3..<19]), let low = Self.number(bytes[19..<35]),
            let span = Self.number(bytes[36..<52]), high | low != 0, span != 0
        else { return nil }
        self.init(trace: TraceID(high: high, low: low), span: SpanID(span), isSampled: flags & 1 == 1)
    }

    /// Reads what `kept` has written; nil for anything else.
    public init?(kept text: String) {
        let parts = text.split(separator: " ", maxSplits: 1)
        guard let first = parts.first, let parent = TraceParent(String(first)) else { return nil }
        self = parent
        state = parts.count > 1 ? TraceState(String(parts[1])) : nil
    }

    /// Both headers' values as one text, as an execution is kept with them.
    public var kept: String { state.map { "\(text) \($0.text)" } ?? text }

    /// The headers to send on.
    public var headers: [(name: String, value: String)] {
        [("traceparent", text)] + (state.map { [("tracestate", $0.text)] } ?? [])
    }

    /// The header's value.
    public var text: String { "00-\(trace)-\(span)-0\(isSampled ? 1 : 0)" }

    private static let dash = UInt8(ascii: "-")

    /// Hexadecimal digits in lower case, as they have to be.
    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        var number: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: number = number << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: number = number << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        return number
    }
}

/// A trace's id: 16 bytes.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The trace of what was begun without one: an execution's own id.
    public init(_ execution: ExecutionID) {
        (high, low) = execution.uuid.halves
    }

    /// 32 hexadecimal digits.
    public var description: String { SpanID(high).description + SpanID(low).description }
}

/// A span's id: 8 bytes.
public struct SpanID: Sendable, Hashable, CustomStringConvertible {
    let number: UInt64

    init(_ number: UInt64) { self.number = number }

    /// The same for the same record: the random half of its id.
    public init<Kind>(_ id: Identifier<Kind>) {
        let low = id.uuid.halves.1
        number = low == 0 ? 1 : low
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

extension UUID {
    /// The first and the last eight bytes.
    fileprivate var halves: (UInt64, UInt64) {
        withUnsafeBytes(of: uuid) { bytes in
            (
                bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
                bytes.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
            )
        }
    }
}

extension SpanID {
    /// Another that goes with it.
    public var sibling: SpanID { SpanID(number ^ 1 == 0 ? 3 : number ^ 1) }
}
