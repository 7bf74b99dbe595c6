import SpotterDomain

/// What a run is to be, as the environment says.
struct ChaosOptions: Sendable {
    /// Draws the load and the faults; how processes interleave is up to the machine.
    let seed: UInt64
    /// For how long there are faults.
    let seconds: Int

    /// - Throws: `SpotterError` that names the variable and what it must be.
    init(environment: [String: String]) throws {
        seed = try Self.number("SEED", in: 0...UInt64.max, environment) ?? .random(in: 1...999_999)
        seconds = Int(try Self.number("CHAOS_SECONDS", in: 20...3_600, environment) ?? 120)
    }

    private static func number(
        _ name: String, in range: ClosedRange<UInt64>, _ environment: [String: String]
    ) throws -> UInt64? {
        guard let text = environment[name], !text.isEmpty else { return nil }
        guard let number = UInt64(text), range.contains(number) else {
            throw SpotterError(
                .invalid, "\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text)."
            )
        }
        return number
    }
}
