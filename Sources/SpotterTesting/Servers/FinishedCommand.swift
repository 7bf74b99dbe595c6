import Foundation
public import ServiceKit

/// A program that was run to its end.
public struct FinishedCommand: Sendable {
    /// The exit status, or 128 plus the signal that ended it.
    public let code: Int32
    /// What it wrote to standard output and, unless that was kept apart, to standard error.
    public let output: String
    /// What it wrote to standard error, where that was kept apart.
    public let errors: String

    /// Runs `arguments[0]`, which is a path.
    ///
    /// - Parameters:
    ///   - environment: its whole environment.
    ///   - input: what it reads from standard input.
    ///   - keepsErrorsApart: whether `errors` is filled.
    public static func run(
        _ arguments: [String], environment: [String: String] = Subprocess.inherited, input: String = "",
        keepsErrorsApart: Bool = false
    ) async throws -> FinishedCommand {
        try await withCheckedThrowingContinuation { done in
            // Waiting for a program blocks.
            Thread.detachNewThread {
                done.resume(with: Result { try FinishedCommand(arguments, environment, input, keepsErrorsApart) })
            }
        }
    }

    private init(_ arguments: [String], _ environment: [String: String], _ input: String, _ isApart: Bool) throws {
        // Files, and not pipes: those fill up while nobody reads.
        let folder = URL.temporaryDirectory.appending(component: "spotter-command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (read, wrote, complained) = (
            folder.appending(component: "in"), folder.appending(component: "out"), folder.appending(component: "err")
        )
        try Data(input.utf8).write(to: read)
        let typed = try FileHandle(forReadingFrom: read)
        let child = try Subprocess(
            arguments, environment: environment, input: typed.fileDescriptor, output: .file(wrote.path),
            errors: isApart ? .file(complained.path) : nil)
        code = child.wait()
        try typed.close()
        output = String(decoding: try Data(contentsOf: wrote), as: UTF8.self)
        errors = isApart ? String(decoding: try Data(contentsOf: complained), as: UTF8.self) : ""
    }
}
