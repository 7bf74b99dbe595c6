internal import CLibevent

/// A one-shot timer of an `EventLoop`. Belongs to the loop's thread; letting go of it cancels it.
public final class LoopTimer {
    private var event: OpaquePointer?
    private var work: (() -> Void)?

    init(loop: EventLoop, delay: Duration, work: @escaping () -> Void) {
        self.work = work
        event = event_new(loop.base, -1, 0, timerCallback, Unmanaged.passUnretained(self).toOpaque())
        restart(after: delay)
    }

    /// Starts the delay anew, also after the timer has fired.
    public func restart(after delay: Duration) {
        let (seconds, attoseconds) = delay.components
        var time = timeval(tv_sec: Int(seconds), tv_usec: Int(attoseconds / 1_000_000_000_000))
        event_add(event, &time)
    }

    /// Makes sure that the timer does not fire; it may be restarted.
    public func pause() { event_del(event) }

    /// Ends the timer for good and lets go of its closure.
    public func cancel() {
        guard let event else { return }
        event_free(event)
        self.event = nil
        work = nil
    }

    fileprivate func fire() { work?() }

    deinit { cancel() }
}

private let timerCallback: event_callback_fn = { _, _, argument in
    guard let argument else { return }
    Unmanaged<LoopTimer>.fromOpaque(argument).takeUnretainedValue().fire()
}
