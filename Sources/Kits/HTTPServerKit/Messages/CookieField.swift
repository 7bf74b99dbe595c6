/// Reads a `Cookie` field (RFC 6265, 5.4): pairs with `;` between them. What is no pair is passed over, as servers do: other
/// pages of the host may have set anything.
public enum CookieField {
    /// One cookie.
    public struct Pair: Sendable, Equatable {
        /// As it was sent.
        public let name: Substring
        /// As it was sent; not decoded.
        public let value: Substring
    }

    /// The pairs, in their order; the same name may come again.
    public static func pairs(in field: String) -> [Pair] {
        field.split(separator: ";").compactMap { part in
            let pair = part.drop { $0 == " " }
            guard let equals = pair.firstIndex(of: "=") else { return nil }
            return Pair(name: pair[..<equals], value: pair[pair.index(after: equals)...])
        }
    }
}
