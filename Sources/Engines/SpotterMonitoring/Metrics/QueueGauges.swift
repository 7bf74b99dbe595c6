import MetricsKit
public import SpotterDomain

extension Meters {
    /// How the work of the whole deployment stands.
    public func note(_ figures: DeploymentFigures) {
        ready.set(Double(figures.ready))
        running.set(Double(figures.running))
        waiting.set(Double(figures.waiting))
        oldestReady.set(figures.oldestReadySeconds ?? 0)
        workers.set(Double(figures.workers))
    }
}
