/// A call that was given up, or failed, before its provider was asked: it has cost nothing.
public struct CallNotMade: Error {
    /// Why.
    public let reason: any Error

    /// For that reason.
    public init(_ reason: any Error) { self.reason = reason }
}
