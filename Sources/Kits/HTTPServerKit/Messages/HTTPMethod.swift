/// The request methods that this server understands; any other well-formed method is answered with 501.
public enum HTTPMethod: String, Sendable, CaseIterable {
    case get = "GET"
    case head = "HEAD"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
    case options = "OPTIONS"

    /// Reads a method as it stands on the wire; methods are case-sensitive (RFC 9110, 9.1).
    init?(_ bytes: UnsafeRawBufferPointer) {
        let match = Self.allCases.first { method in
            var name = method.rawValue
            return name.withUTF8 { bytes.elementsEqual(UnsafeRawBufferPointer($0)) }
        }
        guard let match else { return nil }
        self = match
    }
}

/// The protocol versions that this server speaks.
public enum HTTPVersion: String, Sendable {
    case http10 = "HTTP/1.0"
    case http11 = "HTTP/1.1"
}
