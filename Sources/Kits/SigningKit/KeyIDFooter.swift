/// The footer that names a token's key: exactly `{"kid":"<id>"}`.
///
/// It is read before the signature is checked, so it is compared with its one form instead of being handed to a
/// JSON parser.
enum KeyIDFooter {
    private static let front = Array(#"{"kid":""#.utf8)
    private static let back = Array(#""}"#.utf8)
    private static let idLength = 16

    static func encode(_ id: String) -> [UInt8] {
        front + Array(id.utf8) + back
    }

    /// The id, or `nil` for any other footer.
    static func decode(_ footer: [UInt8]) -> String? {
        guard footer.count == front.count + idLength + back.count, footer.starts(with: front),
            footer.suffix(back.count).elementsEqual(back)
        else { return nil }
        let id = footer.dropFirst(front.count).dropLast(back.count)
        // Only base64url: the id is named in errors and logs before anybody has vouched for it.
        guard (try? Base64URL.decode(utf8: id)) != nil else { return nil }
        return String(decoding: id, as: UTF8.self)
    }
}
