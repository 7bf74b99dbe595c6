import Foundation
import Synchronization

/// Where a command reads and writes.
public final class Terminal: Sendable {
    /// Whether the output is a person's screen.
    public let isInteractive: Bool
    private let usesColor: Bool
    private let output: @Sendable (String) -> Delivery
    private let delivery = Mutex(Delivery.written)
    private let errors: @Sendable (String) -> Void
    private let input: @Sendable () -> String?
    private let hiddenInput: @Sendable (_ prompt: String) -> String?

    /// What became of a text that was written.
    public enum Delivery: Sendable {
        /// All of it arrived.
        case written
        /// Some of it is lost: the disk is full, say.
        case lost
        /// Whoever read the output has read enough.
        case unread
    }

    /// - Parameters:
    ///   - output: takes a text, and says what became of it.
    ///   - input: the next line without its end, nil when there are no more.
    ///   - hiddenInput: all that is left of the input, or one line that a person types without seeing it; nil where
    ///     `input` will do.
    public init(
        isInteractive: Bool, usesColor: Bool, output: @escaping @Sendable (String) -> Delivery,
        errors: @escaping @Sendable (String) -> Void, input: @escaping @Sendable () -> String?,
        hiddenInput: (@Sendable (_ prompt: String) -> String?)? = nil
    ) {
        self.isInteractive = isInteractive
        self.usesColor = usesColor
        self.output = output
        self.errors = errors
        self.input = input
        self.hiddenInput = hiddenInput ?? { _ in input() }
    }

    /// Standard input, output and error. Colours only on a screen, and never with `NO_COLOR`.
    public static func standard(environment: [String: String]) -> Terminal {
        let isInteractive = isatty(STDOUT_FILENO) == 1
        let noColor = environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        return Terminal(
            isInteractive: isInteractive, usesColor: isInteractive && !noColor && environment["TERM"] != "dumb",
            output: { write($0, to: STDOUT_FILENO) }, errors: { _ = write($0, to: STDERR_FILENO) },
            input: { readLine() }, hiddenInput: HiddenInput.read)
    }

    /// Writes text as it is.
    public func write(_ text: String) {
        // Once something is missing, what comes later would be misread.
        guard !hasLostOutput else { return }
        let delivery = output(text)
        self.delivery.withLock { $0 = delivery }
    }

    /// Writes text as it is, where there is more to come only if somebody reads it.
    ///
    /// - Throws: `CancellationError` where it could not be written.
    public func pour(_ text: String) throws {
        write(text)
        if hasLostOutput { throw CancellationError() }
    }

    /// Writes a line.
    public func print(_ line: String = "") { write(line + "\n") }
    /// Whether the output could not be written: the disk is full, or nobody reads any more.
    public var hasLostOutput: Bool { delivery.withLock { $0 != .written } }
    /// Whether that was because nobody reads any more, as behind `| head`.
    public var isUnread: Bool { delivery.withLock { $0 == .unread } }
    /// Writes a line to standard error.
    public func complain(_ line: String) { errors(line + "\n") }
    /// The next line of input.
    public func read() -> String? { input() }
    /// A secret from the input: all of it, or a line that a person types after the prompt and does not see.
    public func readHidden(_ prompt: String) -> String? { hiddenInput(prompt) }

    /// Styles for screens; plain text elsewhere.
    public func bold(_ text: String) -> String { styled(text, "1") }
    /// Less prominent.
    public func dim(_ text: String) -> String { styled(text, "2") }
    /// For what went wrong.
    public func red(_ text: String) -> String { styled(text, "31") }
    /// For what went well.
    public func green(_ text: String) -> String { styled(text, "32") }

    private func styled(_ text: String, _ code: String) -> String {
        usesColor ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    /// Columns of text, aligned, with a heading where there are rows.
    public func table(_ heading: [String], _ rows: [[String]]) {
        let all = [heading] + rows
        let widths = heading.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        for (index, row) in all.enumerated() {
            let cells = row.enumerated().map { column, text in
                column == row.count - 1 ? text : text.padding(toLength: widths[column], withPad: " ", startingAt: 0)
            }
            let line = cells.joined(separator: "  ")
            print(index == 0 ? bold(line) : line)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) -> Delivery {
        var text = text
        return text.withUTF8 { bytes in
            var start = 0
            while start < bytes.count, let base = bytes.baseAddress {
                let written = Foundation.write(descriptor, base + start, bytes.count - start)
                if written > 0 {
                    start += written
                } else if errno != EINTR {
                    return errno == EPIPE ? .unread : .lost
                }
            }
            return .written
        }
    }
}
