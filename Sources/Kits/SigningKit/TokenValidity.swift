/// What a token says about when and for whom it is good; times in seconds since 1970 (UTC).
///
/// The payload's format is the caller's business; this is the rule alone, pure and with the clock as an argument.
public struct TokenValidity: Equatable, Sendable {
    /// When it was made.
    public let issuedAt: Int64
    /// Not good before; the time of issue when the token says nothing else.
    public let notBefore: Int64
    /// Not good from this second on.
    public let expiresAt: Int64
    /// For whom it was made.
    public let audience: String

    /// What a token says about itself.
    public init(issuedAt: Int64, notBefore: Int64? = nil, expiresAt: Int64, audience: String) {
        self.issuedAt = issuedAt
        self.notBefore = notBefore ?? issuedAt
        self.expiresAt = expiresAt
        self.audience = audience
    }

    /// Refuses a token that is over, early or for somebody else.
    ///
    /// - Parameter leeway: How far two clocks may differ, in seconds (default 60).
    /// - Throws: `SigningError.expired`, `.notYetValid` or `.wrongAudience`.
    public func check(at now: Int64, audience expected: String, leeway: Int64 = 60) throws(SigningError) {
        guard audience == expected else { throw .wrongAudience }
        // Times come from outside: saturate, so that a claim of Int64.max cannot overflow into a good token or a trap.
        guard now < expiresAt.addingClamped(leeway) else { throw .expired }
        let latest = now.addingClamped(leeway)
        guard notBefore <= latest, issuedAt <= latest else { throw .notYetValid }
    }
}

extension Int64 {
    fileprivate func addingClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }
}
