/// A set of numbers from 0 to 63, such as the minutes at which something fires.
struct CronValues: Hashable, Sendable {
    var bits: UInt64 = 0

    init() {}
    init(_ range: ClosedRange<Int>) {
        for value in range { insert(value) }
    }

    mutating func insert(_ value: Int) { bits |= 1 << UInt64(value) }
    func contains(_ value: Int) -> Bool { bits >> UInt64(value) & 1 == 1 }
    /// The least member that is not below `value`.
    func first(from value: Int) -> Int? {
        guard value < 64 else { return nil }
        let rest = bits >> UInt64(value)
        return rest == 0 ? nil : value + rest.trailingZeroBitCount
    }
    var first: Int? { first(from: 0) }
    var count: Int { bits.nonzeroBitCount }
    var isEmpty: Bool { bits == 0 }
    /// The members in order.
    var values: [Int] { (0..<64).filter(contains) }
}
