/// PASETO version 4, purpose public: a payload signed with Ed25519 (paseto-standard/paseto-spec, Version4.md).
///
/// There is no algorithm field to choose from; a token of any other version or purpose is refused by its header.
public enum PASETO {
    /// What every token begins with.
    public static let header = "v4.public."

    /// The longest token that is looked at, in bytes.
    public static let maximumLength = 16 * 1024

    /// Signs `payload`.
    ///
    /// - Parameters:
    ///   - footer: Travels with the token, signed but readable before verification (for a key id).
    ///   - implicitAssertion: Signed but not in the token: who verifies must know it.
    /// - Throws: `SigningError.tooLong` when the token would not be accepted back.
    public static func sign(
        _ payload: [UInt8], with key: Ed25519.SecretKey, footer: [UInt8] = [], implicitAssertion: [UInt8] = []
    ) throws(SigningError) -> String {
        let signature = try key.sign(signedBytes(payload, footer, implicitAssertion))
        var token = header + Base64URL.encode(payload + signature)
        if !footer.isEmpty { token += "." + Base64URL.encode(footer) }
        guard token.utf8.count <= maximumLength else { throw .tooLong(limit: maximumLength) }
        return token
    }

    /// A token taken apart whose signature nobody has looked at: only its footer can be seen.
    public struct UnverifiedToken: Sendable {
        private let payload: [UInt8]
        private let signature: [UInt8]

        /// The footer's bytes, empty when there is none. Not to be believed before `verify`.
        public let footer: [UInt8]

        /// Takes `token` apart.
        /// - Throws: `SigningError.tooLong`, `.wrongHeader` or `.malformed`.
        public init(_ token: String) throws(SigningError) {
            guard token.utf8.count <= maximumLength else { throw .tooLong(limit: maximumLength) }
            guard token.utf8.starts(with: header.utf8) else { throw .wrongHeader }
            let rest = token.utf8.dropFirst(header.utf8.count)
            let parts = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard parts.count <= 2 else { throw .malformed("a token has at most one footer") }
            let body = try Base64URL.decode(utf8: parts[0])
            guard body.count >= Ed25519.signatureByteCount else { throw .malformed("too short for a signature") }
            payload = Array(body.dropLast(Ed25519.signatureByteCount))
            signature = Array(body.suffix(Ed25519.signatureByteCount))
            footer = parts.count == 2 ? try Base64URL.decode(utf8: parts[1]) : []
            // "token." and "token" would be two texts of one token.
            if parts.count == 2, footer.isEmpty { throw .malformed("an empty footer") }
        }

        /// The payload of which nobody knows who wrote it: to describe a token to its holder, never to believe it.
        public var unverifiedPayload: [UInt8] { payload }

        /// The payload, once the signature is found good.
        /// - Throws: `SigningError.badSignature`.
        public func verify(
            with key: Ed25519.PublicKey, implicitAssertion: [UInt8] = []
        ) throws(SigningError) -> [UInt8] {
            guard try key.isValid(signature, for: signedBytes(payload, footer, implicitAssertion)) else {
                throw .badSignature
            }
            return payload
        }
    }

    /// Takes `token` apart, verifies it and returns payload and footer.
    /// - Throws: `SigningError`; `.badSignature` for a wrong key, payload, footer or implicit assertion.
    public static func verify(
        _ token: String, with key: Ed25519.PublicKey, implicitAssertion: [UInt8] = []
    ) throws(SigningError) -> (payload: [UInt8], footer: [UInt8]) {
        let parsed = try UnverifiedToken(token)
        return (try parsed.verify(with: key, implicitAssertion: implicitAssertion), parsed.footer)
    }

    private static func signedBytes(_ payload: [UInt8], _ footer: [UInt8], _ assertion: [UInt8]) -> [UInt8] {
        preAuthenticationEncoding([Array(header.utf8), payload, footer, assertion])
    }

    /// PAE: the count of the pieces, then each with its length, all as 64-bit little-endian numbers.
    ///
    /// No two lists of pieces have the same encoding, so that bytes cannot move from one piece to the next.
    public static func preAuthenticationEncoding(_ pieces: [[UInt8]]) -> [UInt8] {
        var encoding: [UInt8] = []
        encoding.reserveCapacity(8 + pieces.reduce(0) { $0 + 8 + $1.count })
        func append(_ number: Int) {
            // The specification clears the top bit for languages without unsigned numbers; a count never sets it.
            withUnsafeBytes(of: UInt64(number).littleEndian) { encoding.append(contentsOf: $0) }
        }
        append(pieces.count)
        for piece in pieces {
            append(piece.count)
            encoding.append(contentsOf: piece)
        }
        return encoding
    }
}
