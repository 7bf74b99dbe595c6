/// Something that runs for as long as the process does: a server, a pool of workers, a poller.
///
/// `run()` returns when the work is over. A `ServiceGroup` first asks for a graceful stop (`shutDown`), and
/// cancels the task that runs `run()` when the grace time is up.
public protocol Service: Sendable {
    /// A short name for logs, such as `http`.
    var serviceName: String { get }

    /// Does the work; returns after `shutDown()`, or throws when the service cannot go on.
    func run() async throws

    /// Asks the service to take nothing new and finish what it has. Returns at once.
    func shutDown()
}
