/// Why a path or a query cannot be decoded.
public enum URLDecodingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A `%` is not followed by two hexadecimal digits.
    case malformedEscape
    /// The decoded bytes are not UTF-8.
    case invalidUTF8
    /// There are more parameters than are taken.
    case tooManyParameters(limit: Int)

    /// One sentence in plain words.
    public var description: String {
        switch self {
        case .malformedEscape: "A % in the address is not followed by two hexadecimal digits."
        case .invalidUTF8: "The address does not decode to UTF-8."
        case .tooManyParameters(let limit): "The address has more than \(limit) query parameters."
        }
    }
}

/// Strict percent-decoding (RFC 3986, 2.1).
public enum PercentDecoding {
    /// Decodes one component, such as a path segment; `+` stands for itself.
    public static func decode(_ text: some StringProtocol) throws(URLDecodingError) -> String {
        try decode(text.utf8, plusIsSpace: false)
    }

    static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool) throws(URLDecodingError) -> String {
        var bytes: [UInt8] = []
        var iterator = text.makeIterator()
        while let byte = iterator.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = iterator.next()?.hexValue, let low = iterator.next()?.hexValue else {
                    throw .malformedEscape
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(byte == UInt8(ascii: "+") && plusIsSpace ? UInt8(ascii: " ") : byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        return decoded
    }
}

/// The parameters of a query, decoded, in the order in which they came.
///
/// The form is that of `application/x-www-form-urlencoded`: `&` between pairs, `+` for a space. A name may come again.
public struct URLQuery: Sendable, Equatable {
    /// One parameter.
    public struct Parameter: Sendable, Equatable {
        /// The decoded name.
        public let name: String
        /// The decoded value; empty when there is no `=`.
        public let value: String
    }

    /// All of them.
    public let parameters: [Parameter]

    /// - Parameters:
    ///   - query: what follows the `?`; `nil` and the empty string have no parameters.
    ///   - limit: how many parameters are taken.
    public init(_ query: String?, limit: Int = 200) throws(URLDecodingError) {
        var parameters: [Parameter] = []
        for pair in (query ?? "").utf8.split(separator: UInt8(ascii: "&")) {
            guard parameters.count < limit else { throw .tooManyParameters(limit: limit) }
            let end = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            parameters.append(
                Parameter(
                    name: try PercentDecoding.decode(pair[..<end], plusIsSpace: true),
                    value: try PercentDecoding.decode(pair[end...].dropFirst(), plusIsSpace: true)))
        }
        self.parameters = parameters
    }

    /// The first value of `name`.
    public subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    /// Every value of `name`, in order.
    public func values(of name: String) -> [String] { parameters.filter { $0.name == name }.map(\.value) }

    /// The names that occur, each once, in order.
    public var names: [String] {
        var seen: Set<String> = []
        return parameters.map(\.name).filter { seen.insert($0).inserted }
    }
}
