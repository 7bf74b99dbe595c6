import MetricsKit

/// How a process stands at this moment: what its parts know by themselves, and nobody counts.
public struct ProcessFigures: Sendable {
    /// Requests that the database is asked.
    public var databaseInFlight: Int
    /// Requests that wait for a connection.
    public var databaseWaiting: Int
    /// Open connections to the database.
    public var databaseConnections: Int
    /// Streams of events that are being read.
    public var eventReaders: Int
    /// Runs that the process has under way.
    public var runsInProgress: Int
    /// Memory in hand, in bytes; nil where the system does not say.
    public var residentMemory: Int?
    /// Each provider of models that was called, and whether it is.
    public var providers: [(provider: String, isWell: Bool)]

    /// Figures.
    public init(
        databaseInFlight: Int, databaseWaiting: Int, databaseConnections: Int, eventReaders: Int, runsInProgress: Int,
        residentMemory: Int?, providers: [(provider: String, isWell: Bool)]
    ) {
        self.databaseInFlight = databaseInFlight
        self.databaseWaiting = databaseWaiting
        self.databaseConnections = databaseConnections
        self.eventReaders = eventReaders
        self.runsInProgress = runsInProgress
        self.residentMemory = residentMemory
        self.providers = providers
    }
}

extension Meters {
    /// How the process stands.
    public func note(_ figures: ProcessFigures) {
        databaseInFlight.set(Double(figures.databaseInFlight))
        databaseWaiting.set(Double(figures.databaseWaiting))
        databaseConnections.set(Double(figures.databaseConnections))
        eventReaders.set(Double(figures.eventReaders))
        runsInProgress.set(Double(figures.runsInProgress))
        if let bytes = figures.residentMemory { residentMemory.set(Double(bytes)) }
        for (provider, isWell) in figures.providers { breaker(provider).set(isWell ? 0 : 1) }
    }
}
