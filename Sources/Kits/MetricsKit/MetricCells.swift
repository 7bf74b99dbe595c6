import Synchronization

/// A number that only grows. Recording is one atomic addition.
public final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    private let wasRecorded: RecordedMark

    init(_ mark: RecordedMark) { wasRecorded = mark }

    /// Adds to it.
    public func add(_ amount: Int = 1) {
        count.add(amount, ordering: .relaxed)
        wasRecorded.set()
    }

    /// What has come together.
    public var value: Int { count.load(ordering: .relaxed) }
}

/// A number that only grows and is no whole one, such as money or seconds.
public final class Sum: Sendable {
    private let bits = Atomic<UInt64>(0)
    private let wasRecorded: RecordedMark

    init(_ mark: RecordedMark) { wasRecorded = mark }

    /// Adds to it; nothing for what is negative or no number.
    public func add(_ amount: Double) {
        guard amount >= 0, amount.isFinite else { return }
        bits.add(amount)
        wasRecorded.set()
    }

    /// What has come together.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let bits = Atomic<UInt64>(0)
    private let wasRecorded: RecordedMark

    init(_ mark: RecordedMark) { wasRecorded = mark }

    /// Sets it.
    public func set(_ value: Double) {
        bits.store(value.bitPattern, ordering: .relaxed)
        wasRecorded.set()
    }

    /// Adds to it, or takes away.
    public func add(_ amount: Double) {
        bits.add(amount)
        wasRecorded.set()
    }

    /// As it is.
    public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}

/// How many values were how large. Recording is two atomic additions and a look for the bucket.
public final class Histogram: Sendable {
    /// Upper bounds, ascending.
    public let bounds: [Double]
    private let counts: AtomicCounts
    private let total = Atomic<UInt64>(0)
    private let wasRecorded: RecordedMark

    init(bounds: [Double], _ mark: RecordedMark) {
        self.bounds = bounds
        counts = AtomicCounts(bounds.count + 1)
        wasRecorded = mark
    }

    /// Notes a value; nothing for what is no number.
    public func record(_ value: Double) {
        guard !value.isNaN else { return }
        counts.increment(place(of: value))
        total.add(value)
        wasRecorded.set()
    }

    /// Notes a duration in seconds.
    public func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        record(Double(seconds) + Double(attoseconds) * 1e-18)
    }

    /// The first bucket whose bound is not less; few enough to look at by halves.
    private func place(of value: Double) -> Int {
        var (low, high) = (0, bounds.count)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// How many there are in each bucket, the last without a bound, and what all come to.
    public var snapshot: (counts: [Int], sum: Double) {
        (counts.values, Double(bitPattern: total.load(ordering: .relaxed)))
    }
}

/// Whether anybody ever recorded a metric.
final class RecordedMark: Sendable {
    private let isSet = Atomic<Bool>(false)

    /// Written once and then only read, so that processors do not take the line from each other.
    func set() { if !isSet.load(ordering: .relaxed) { isSet.store(true, ordering: .relaxed) } }

    var value: Bool { isSet.load(ordering: .relaxed) }
}

/// Counts side by side.
///
/// `@unchecked Sendable`: the memory is made once, and each element is only touched atomically.
private final class AtomicCounts: @unchecked Sendable {
    private let cells: UnsafeMutablePointer<Atomic<Int>>
    private let count: Int

    init(_ count: Int) {
        self.count = count
        cells = .allocate(capacity: count)
        for place in 0..<count { (cells + place).initialize(to: Atomic<Int>(0)) }
    }

    deinit {
        cells.deinitialize(count: count)
        cells.deallocate()
    }

    func increment(_ place: Int) { cells[place].add(1, ordering: .relaxed) }

    var values: [Int] { (0..<count).map { cells[$0].load(ordering: .relaxed) } }
}

extension Atomic<UInt64> {
    /// Adds to a floating-point number that is kept as its bits.
    fileprivate func add(_ amount: Double) {
        var old = load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, found) = compareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = found
        }
    }
}
