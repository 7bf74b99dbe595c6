import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization

/// The service outside that agents change: it counts every effect by its key, as services that know `Idempotency-Key`
/// do, and tells nobody of the system.
final class Recorder: Sendable {
    private struct Delivery: Hashable {
        let step: EffectStep
        let key: String
    }

    private let server: RawServer
    private let counts: Counts

    private final class Counts: Sendable {
        let deliveries = Mutex<[Delivery: Int]>([:])
        /// What must not happen twice.
        let once = Mutex<Set<EffectStep>>([])
        /// Whose sender was killed before there was an answer.
        let ambushes = Mutex<Set<EffectStep>>([])
    }

    /// - Parameters:
    ///   - pause: how long slow answers take.
    ///   - onAmbush: kills the process with that number, which waits for an answer.
    init(pause: Duration = .milliseconds(700), onAmbush: @escaping @Sendable (Int32) -> Void = { _ in }) throws {
        let counts = Counts()
        self.counts = counts
        server = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                guard let step = EffectStep(path: request.target), let key = request.headers["idempotency-key"] else {
                    try connection.respond(status: 400, body: "no step or no key")
                    continue
                }
                let count = counts.deliveries.withLock { deliveries in
                    deliveries[Delivery(step: step, key: key), default: 0] += 1
                    return deliveries[Delivery(step: step, key: key), default: 0]
                }
                // The effect stands; what follows is only the way back.
                let isAmbush = request.target.contains("/ambush/")
                if isAmbush || request.target.contains("/once/") { counts.once.withLock { _ = $0.insert(step) } }
                if isAmbush, counts.ambushes.withLock({ $0.insert(step).inserted }) {
                    if let sender = request.headers["x-process"].flatMap({ Int32($0) }) { onAmbush(sender) }
                    // Nobody is there to hear it; whoever is would learn more than the test wants.
                    Thread.sleep(forTimeInterval: 20)
                    return
                }
                if request.target.contains("/slow/") { Thread.sleep(forTimeInterval: pause / .seconds(1)) }
                let status = request.target.contains("/refused/") ? 500 : 200
                try connection.respond(
                    status: status, headers: ["Content-Type": "application/json"], body: #"{"delivery":\#(count)}"#)
            }
        }
    }

    /// Where it listens.
    var port: Int { server.port }

    /// What has happened so far.
    var effects: [Effect] {
        counts.deliveries.withLock { deliveries in
            let (once, ambushes) = (counts.once.withLock { $0 }, counts.ambushes.withLock { $0 })
            return deliveries.map { delivery, count in
                var effect = Effect(step: delivery.step, key: delivery.key, deliveries: count)
                effect.mustNotRepeat = once.contains(delivery.step)
                effect.wasAmbushed = ambushes.contains(delivery.step)
                return effect
            }
        }
    }

    /// Whether that has happened, as a person finds out who looks.
    func has(_ step: EffectStep) -> Bool { counts.deliveries.withLock { $0.keys.contains { $0.step == step } } }

    func stop() { server.stop() }
}
