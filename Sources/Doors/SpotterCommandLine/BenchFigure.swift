import Foundation
import SpotterDomain

/// One figure of a benchmark.
public struct BenchFigure: Sendable {
    /// What the figure should be.
    public struct Target: Sendable {
        /// For people, such as `below 10 ms`.
        public let text: String
        let isMet: @Sendable (Double) -> Bool

        /// - Parameter isMet: judges the ratio where there is something beside the figure, else the figure.
        public init(_ text: String, _ isMet: @escaping @Sendable (Double) -> Bool) {
            self.text = text
            self.isMet = isMet
        }
    }

    /// To which part it belongs.
    public let part: String
    /// What was measured.
    public let name: String
    /// How much it is.
    public let value: Double
    /// Of what: `/s`, `s`, `ms` or `KB`.
    public let unit: String
    /// The same figure of what it is compared with.
    public let baseline: Double?
    /// What that is.
    public let baselineName: String?
    /// Nil for figures that are shown for completeness.
    public let target: Target?

    /// Puts the result together.
    public init(
        _ part: some RawRepresentable<String>, _ name: String, _ value: Double, _ unit: String,
        beside baseline: Double? = nil,
        _ baselineName: String? = nil, target: Target? = nil
    ) {
        self.part = part.rawValue
        self.name = name
        self.value = value
        self.unit = unit
        self.baseline = baseline
        self.baselineName = baselineName
        self.target = target
    }

    /// `value` of `baseline`.
    public var ratio: Double? { baseline.map { $0 > 0 ? value / $0 : 0 } }

    /// Whether the target is reached; nil without one.
    public var isMet: Bool? { target.map { $0.isMet(ratio ?? value) } }
}

extension Terminal {
    /// Prints figures as a table, or as JSON.
    func show(_ figures: [BenchFigure], asJSON: Bool) {
        if asJSON {
            print(JSONValue.array(figures.map(\.json)).description)
        } else {
            table(["Measured", "value", "beside", "ratio", "target", "verdict"], figures.map(\.row))
        }
    }
}

extension BenchFigure {
    fileprivate var row: [String] {
        let value = Self.text(value) + " " + unit
        let beside = baseline.map { Self.text($0) + " (" + (baselineName ?? "") + ")" }
        let ratio = ratio.map { Self.text($0, digits: 2) }
        let verdict = isMet.map { $0 ? "met" : "MISSED" }
        return [name, value, beside ?? "", ratio ?? "", target?.text ?? "", verdict ?? ""]
    }

    /// Large numbers need no fractions.
    private static func text(_ number: Double, digits: Int? = nil) -> String {
        number.formatted(
            .number.precision(.fractionLength(digits ?? (number >= 1_000 ? 0 : 2))).grouping(.never))
    }

    fileprivate var json: JSONValue {
        let baseline: JSONValue = baseline.map { .double($0) } ?? .null
        let baselineName: JSONValue = baselineName.map { .string($0) } ?? .null
        let ratio: JSONValue = ratio.map { .double($0) } ?? .null
        let target: JSONValue = target.map { .string($0.text) } ?? .null
        let isMet: JSONValue = isMet.map { .bool($0) } ?? .null
        return [
            "part": .string(part), "name": .string(name), "value": .double(value), "unit": .string(unit),
            "beside": baseline, "beside_name": baselineName, "ratio": ratio, "target": target, "met": isMet,
        ]
    }
}
