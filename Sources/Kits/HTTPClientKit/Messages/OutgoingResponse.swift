/// A whole answer.
public struct OutgoingResponse: Sendable {
    /// The status code, 200…599.
    public let status: Int
    /// The header fields of the final answer (not of interim ones).
    public let headers: MessageHeaders
    /// The body, decompressed if compression was offered and used.
    public let body: [UInt8]
    /// Whether the body was longer and was cut at the request's limit, as the request wanted.
    public let isTruncated: Bool
}

/// An answer whose body is still arriving.
public struct StreamingResponse: Sendable {
    /// The status code, 200…599.
    public let status: Int
    /// The header fields of the final answer (not of interim ones).
    public let headers: MessageHeaders
    /// The body. Letting go of the response, or leaving the loop over the body, ends the transfer.
    public let body: ResponseBody
}
