/// Why bytes are not a request that this server takes.
package struct HTTPParseError: Error, Equatable {
    /// The status to answer with.
    package let status: Int
    /// One sentence in plain words.
    package let detail: String

    package init(_ status: Int, _ detail: String) {
        self.status = status
        self.detail = detail
    }
}
