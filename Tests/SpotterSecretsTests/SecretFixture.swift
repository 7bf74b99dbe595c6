import Foundation
import ServiceKit
import SigningKit
import SpotterDomain
import SpotterEngine
import SpotterSecrets
import SpotterTesting
import Synchronization
import Testing

/// A ring that a test changes, as others see it.
final class SharedRing: SecretKeys {
    private let ring: Mutex<SealingRing?>
    private let isBroken = Mutex(false)

    init(_ ring: SealingRing?) { self.ring = Mutex(ring) }

    func replace(_ ring: SealingRing?) { self.ring.withLock { $0 = ring } }
    func setBroken(_ broken: Bool) { isBroken.withLock { $0 = broken } }

    func sealer() throws -> (any SecretSealer)? {
        guard !isBroken.withLock(\.self) else { throw SpotterError(.invalid, "ring: line 1 is no key") }
        return ring.withLock(\.self).map { RingSealer($0) }
    }
}

/// What a log has said.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var log: Log { Log(level: .debug) { line in self.lines.withLock { $0.append(line) } } }
    func lines(with word: String) -> [String] { lines.withLock { $0.filter { $0.contains(word) } } }
}

extension TestOrganization {
    /// Seals and stores a provider's key.
    @discardableResult
    func keep(_ text: String, for provider: String = "openai", with ring: SealingRing) async throws -> SealedSecret {
        let name = try #require(SecretName.provider(provider))
        let value = try SecretValue(text)
        return try await stores.secrets.put(
            name, try RingSealer(ring).seal(value, as: name, in: scope), hint: value.hint, at: Self.start, in: scope)
    }

    /// What a cabinet has for the organisation.
    func key(in cabinet: SecretCabinet, for provider: String = "openai") throws -> String? {
        try cabinet.value(of: #require(.provider(provider)), in: scope)?.text
    }
}
