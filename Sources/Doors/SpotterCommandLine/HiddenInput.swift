import Foundation

/// Reads a secret from standard input.
enum HiddenInput {
    /// Longer than any key; what is longer is refused anyway.
    private static let limit = 64 * 1024

    /// From a person's keyboard one line, which is not shown; otherwise all there is. Nil for text that is not UTF-8, and
    /// where there is nothing.
    @Sendable static func read(_ prompt: String) -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return all() }
        FileHandle.standardError.write(Data(prompt.utf8))
        defer { FileHandle.standardError.write(Data("\n".utf8)) }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return readLine() }
        var hidden = settings
        hidden.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden)
        defer { tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
        return readLine()
    }

    private static func all() -> String? {
        var bytes: [UInt8] = []
        while bytes.count <= limit, let more = try? FileHandle.standardInput.read(upToCount: limit), !more.isEmpty {
            bytes += more
        }
        return bytes.isEmpty ? nil : String(validating: bytes, as: UTF8.self)
    }
}
