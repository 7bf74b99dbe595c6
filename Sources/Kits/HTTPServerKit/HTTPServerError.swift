import Foundation

/// Why a server cannot start.
public struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// What failed and what the system said.
    public let description: String

    init(_ description: String) { self.description = description }

    /// Takes the system's words for the present `errno`.
    static func system(_ what: String) -> HTTPServerError {
        HTTPServerError("\(what): \(String(cString: strerror(errno)))")
    }
}

/// The client has gone away, or the answer has ended: nothing more can be written.
public struct HTTPConnectionClosed: Error, Sendable {}
