import Synchronization

/// One metric and its series, each of which has values of the labels of its own.
///
/// Whoever records often asks for a series once and keeps it: looking one up takes a lock and puts a key together.
/// The number of series is bounded; those that come when it is reached share one under `other`.
public final class MetricFamily<Cell: Sendable>: Sendable {
    /// What is measured.
    public let description: MetricDescription
    let mark = RecordedMark()
    private let make: @Sendable (RecordedMark) -> Cell
    private let cells = Mutex<[[String]: Cell]>([:])

    init(_ description: MetricDescription, make: @escaping @Sendable (RecordedMark) -> Cell) {
        self.description = description
        self.make = make
        // A metric without labels is there from the start, with nothing in it.
        if description.labels.isEmpty { _ = series([]) }
    }

    /// The series of these values, in the order of the labels' names.
    ///
    /// - Precondition: as many values as there are labels.
    public func series(_ values: [String]) -> Cell {
        precondition(values.count == description.labels.count, "\(description.name) has other labels")
        return cells.withLock { cells in
            if let known = cells[values] { return known }
            let key = cells.count < description.mostSeries ? values : values.map { _ in "other" }
            if let known = cells[key] { return known }
            let cell = make(mark)
            cells[key] = cell
            return cell
        }
    }

    /// The series of these values.
    public func callAsFunction(_ values: String...) -> Cell { series(values) }

    /// Lets go of every series, for what is counted anew each time that it is looked at.
    public func removeAll() { cells.withLock { $0.removeAll() } }

    /// All series, by their labels' values.
    var all: [(values: [String], cell: Cell)] {
        cells.withLock { $0.map { ($0.key, $0.value) } }.sorted { $0.0.lexicographicallyPrecedes($1.0) }
    }
}
