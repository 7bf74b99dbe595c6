internal import CLibevent

/// Tells a loop when a file descriptor can be read from or written to (level-triggered).
///
/// Belongs to the loop's thread. It neither owns nor closes the descriptor; cancel it before closing.
public final class FileDescriptorWatcher {
    /// What the descriptor is ready for.
    public struct Readiness: OptionSet, Sendable {
        /// The bits, in libevent's terms.
        public let rawValue: Int16
        /// Takes libevent's bits as they are.
        public init(rawValue: Int16) { self.rawValue = rawValue }
        /// A read will not block: data has come, or the end.
        public static let read = Readiness(rawValue: Int16(EV_READ))
        /// A write will not block.
        public static let write = Readiness(rawValue: Int16(EV_WRITE))
    }

    private let base: OpaquePointer
    private let fileDescriptor: Int32
    private var event: OpaquePointer?
    private let onReady: (Readiness) -> Void

    /// What is watched for now.
    public private(set) var interest: Readiness = []

    /// Watches nothing yet: call `watch(for:)`. `onReady` runs on the loop's thread.
    public init(loop: EventLoop, fileDescriptor: Int32, onReady: @escaping (Readiness) -> Void) {
        base = loop.base
        self.fileDescriptor = fileDescriptor
        self.onReady = onReady
    }

    /// Watches for `interest` from now on; an empty set pauses. Cheap when nothing changes.
    public func watch(for interest: Readiness) {
        guard interest != self.interest else { return }
        self.interest = interest
        if let event {
            event_del(event)
        } else {
            event = event_new(base, -1, 0, readinessCallback, Unmanaged.passUnretained(self).toOpaque())
        }
        guard !interest.isEmpty else { return }
        event_assign(
            event, base, fileDescriptor, interest.rawValue | Int16(EV_PERSIST), readinessCallback,
            Unmanaged.passUnretained(self).toOpaque())
        event_add(event, nil)
    }

    /// Ends watching for good.
    public func cancel() {
        guard let event else { return }
        event_free(event)
        self.event = nil
        interest = []
    }

    fileprivate func ready(_ what: Int16) { onReady(Readiness(rawValue: what)) }

    deinit { cancel() }
}

private let readinessCallback: event_callback_fn = { _, what, argument in
    guard let argument else { return }
    Unmanaged<FileDescriptorWatcher>.fromOpaque(argument).takeUnretainedValue().ready(what)
}
