public import SpotterDomain

/// Where the value of a secret comes from.
public enum SecretSource: Sendable {
    /// Here it is.
    case value(SecretValue)
    /// An environment variable or a file of this machine.
    case reference(SecretReference)
}

/// How all secrets are sealed anew.
public struct SecretRotationOptions: Sendable {
    /// Makes no new key: everything is sealed with the one that seals now.
    public let resumes: Bool
    /// Takes keys out of the ring that nothing is sealed with any more.
    public let dropsOld: Bool
    /// Called now and then with how many of how many organisations are done.
    public let progress: @Sendable (_ done: Int, _ all: Int) -> Void

    /// Puts the options together.
    public init(
        resumes: Bool, dropsOld: Bool, progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void
    ) {
        self.resumes = resumes
        self.dropsOld = dropsOld
        self.progress = progress
    }
}
