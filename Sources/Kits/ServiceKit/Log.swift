import Foundation
import Synchronization

/// Structured logging: one JSON object a line.
///
/// A log line carries a message that never changes and fields that do, so that lines can be searched.
/// Secrets have no business in either: what may hold one is given to `redact(_:)`, and its value is
/// replaced wherever it would appear.
public struct Log: Sendable {
    /// Severity, least first.
    public enum Level: String, Sendable, Comparable, CaseIterable {
        case debug, info, warning, error

        /// Orders by severity.
        public static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Where finished lines go; each call receives one line with its newline.
    public typealias Sink = @Sendable (String) -> Void

    private final class Shared: Sendable {
        struct State {
            var level: Level
            /// Of modules that have one of their own.
            var levels: [String: Level] = [:]
            /// Modules that somebody writes for.
            var modules: Set<String> = []
            var secrets = RedactedSecrets()

            func level(of module: String?) -> Level { module.flatMap { levels[$0] } ?? level }
        }

        let state: Mutex<State>
        let sink: Sink

        init(level: Level, sink: @escaping Sink) {
            state = Mutex(State(level: level))
            self.sink = sink
        }
    }

    private let shared: Shared
    private let fields: [(String, String)]
    private let module: String?

    /// - Parameters:
    ///   - level: lines below it are dropped.
    ///   - sink: by default one `write(2)` a line to standard error.
    public init(level: Level = .info, sink: @escaping Sink = Log.standardError) {
        shared = Shared(level: level, sink: sink)
        fields = []
        module = nil
    }

    private init(shared: Shared, fields: [(String, String)], module: String?) {
        self.shared = shared
        self.fields = fields
        self.module = module
    }

    /// A log that writes nothing.
    public static let silent = Log(level: .error, sink: { _ in })

    /// One `write(2)` a line, so that lines of several threads never mix.
    public static let standardError: Sink = { line in
        var line = line
        line.withUTF8 { bytes in _ = write(STDERR_FILENO, bytes.baseAddress, bytes.count) }
    }

    /// The level below which lines are dropped; may be changed while running.
    public var level: Level {
        get { shared.state.withLock(\.level) }
        nonmutating set { shared.state.withLock { $0.level = newValue } }
    }

    /// The same log with a field added to every line.
    public func with(_ name: String, _ value: String) -> Log {
        Log(shared: shared, fields: fields + [(name, value)], module: module)
    }

    /// The same log for one part of the program, whose level may be another than that of the rest.
    public func module(_ name: String) -> Log {
        shared.state.withLock { _ = $0.modules.insert(name) }
        return Log(shared: shared, fields: fields + [("module", name)], module: name)
    }

    /// The parts of the program that have a log of their own.
    public var modules: [String] { shared.state.withLock { $0.modules.sorted() } }

    /// The levels of those that have another than the rest; may be changed while running.
    public var levels: [String: Level] {
        get { shared.state.withLock(\.levels) }
        nonmutating set { shared.state.withLock { $0.levels = newValue } }
    }

    /// Whether a line of this level would be written.
    public func writes(_ level: Level) -> Bool {
        let module = module
        return level >= shared.state.withLock { $0.level(of: module) }
    }

    /// Makes sure that `secret` never appears in a line of this log or of one derived from it.
    ///
    /// Values under eight bytes are ignored: replacing them would garble ordinary words.
    public func redact(_ secret: String) {
        var written = ""
        Self.append(secret, to: &written)
        shared.state.withLock { state in
            state.secrets.insert(secret)
            // As it stands in a line, where it has a quote or a backslash.
            state.secrets.insert(String(written.dropFirst().dropLast()))
        }
    }

    /// For whoever hunts a fault; off by default.
    public func debug(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        emit(.debug, message, fields)
    }
    /// Something worth knowing happened, as it should.
    public func info(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        emit(.info, message, fields)
    }
    /// Something is not as it should be, and was coped with.
    public func warning(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        emit(.warning, message, fields)
    }
    /// Something failed that a person should look at.
    public func error(_ message: String, _ fields: KeyValuePairs<String, String> = [:]) {
        emit(.error, message, fields)
    }

    private func emit(_ level: Level, _ message: String, _ extra: KeyValuePairs<String, String>) {
        let module = module
        let (threshold, secrets) = shared.state.withLock { ($0.level(of: module), $0.secrets) }
        guard level >= threshold else { return }
        var line = "{\"time\":\"\(Date().formatted(Self.timestamp))\",\"level\":\"\(level.rawValue)\",\"message\":"
        Self.append(message, to: &line)
        for (name, value) in fields + extra.map({ ($0.key, $0.value) }) {
            line += ","
            // A name that the line has already would be read in its place.
            Self.append(Self.ownNames.contains(name) ? "field_\(name)" : name, to: &line)
            line += ":"
            Self.append(value, to: &line)
        }
        line += "}\n"
        shared.sink(secrets.redacted(line))
    }

    private static let ownNames: Set<String> = ["time", "level", "message"]
    private static let timestamp = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private static func append(_ text: String, to line: inout String) {
        line += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": line += "\\\""
            case "\\": line += "\\\\"
            case "\n": line += "\\n"
            case "\r": line += "\\r"
            case "\t": line += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F || (0x80...0x9F).contains(scalar.value):
                line += "\\u" + String(repeating: "0", count: 4 - String(scalar.value, radix: 16).count)
                line += String(scalar.value, radix: 16)
            default: line.unicodeScalars.append(scalar)
            }
        }
        line += "\""
    }
}
