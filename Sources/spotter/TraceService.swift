import ServiceKit
import SpotterDomain
import SpotterTools

/// Lets the sender of traces run for as long as the process does.
struct TraceService: Service {
    let serviceName = "traces"
    let sender: TraceSender
    let log: Log

    func run() async throws {
        await sender.run { [log] organization, reason in
            log.debug("a trace was not sent", ["organization": "\(organization)", "reason": reason])
        }
    }

    func shutDown() { sender.stop() }
}
