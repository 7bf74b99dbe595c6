import Foundation

/// Swift strings as C wants them.
enum CStrings {
    /// Calls `body` with two parallel arrays, each ending in a null pointer, valid inside it only.
    static func withPairs<Result>(
        _ pairs: [(keyword: String, value: String)],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        let keywords = pairs.map { UnsafePointer(strdup($0.keyword)) } + [nil]
        let values = pairs.map { UnsafePointer(strdup($0.value)) } + [nil]
        defer { for text in keywords + values { free(UnsafeMutablePointer(mutating: text)) } }
        return body(keywords, values)
    }
}
