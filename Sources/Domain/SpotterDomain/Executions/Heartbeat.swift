/// A worker's sign of life, on a connection of its own.
///
/// It waits for the database on the caller's thread, which must be one that does nothing else: neither may a busy
/// process look dead nor a stuck one alive.
public protocol Heartbeat: Sendable {
    /// Enters a new worker that lives for `lease` from now on.
    func register(_ worker: WorkerID, lease: Duration) throws
    /// Prolongs its life by `lease` from now on. False when it is thought dead already.
    func beat(_ worker: WorkerID, lease: Duration) throws -> Bool
    /// Removes it.
    func leave(_ worker: WorkerID) throws
}
