import Synchronization

/// A handle, or several, that are there from the first use on. Once they are, getting at them is one atomic load.
public final class LazyCell<Cell: AnyObject & Sendable>: Sendable {
    private let known = AtomicLazyReference<Cell>()
    private let make: @Sendable () -> Cell

    /// - Parameter make: finds them; of several first uses at once each may ask, and all get the same.
    public init(_ make: @escaping @Sendable () -> Cell) { self.make = make }

    /// What was found.
    public var value: Cell { known.load() ?? known.storeIfNil(make()) }
}
