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
    }

    /// - Parameter act: what the script has the service do.
    init(pause: Duration = .milliseconds(700)) throws {
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
            deliveries.map { Effect(step: $0.key.step, key: $0.key.key, deliveries: $0.value) }
        }
    }

    func stop() { server.stop() }
}
