/// Finds a text in another in a time that grows with their lengths and not with their product, whatever they are.
enum ByteSearch {
    /// By Knuth, Morris and Pratt: `fallback[i]` is the length of the longest proper beginning of the part that also ends
    /// at `i`.
    static func contains(_ part: String, in text: String) -> Bool {
        let part = Array(part.utf8)
        guard !part.isEmpty else { return true }
        guard part.count <= text.utf8.count else { return false }
        var fallback = [Int](repeating: 0, count: part.count)
        var length = 0
        for index in part.indices.dropFirst() {
            while length > 0, part[index] != part[length] { length = fallback[length - 1] }
            if part[index] == part[length] { length += 1 }
            fallback[index] = length
        }
        var matched = 0
        for byte in text.utf8 {
            while matched > 0, byte != part[matched] { matched = fallback[matched - 1] }
            if byte == part[matched] { matched += 1 }
            if matched == part.count { return true }
        }
        return false
    }
}
