import Foundation
import Testing

@testable import ServiceKit

/// Children get what they are given, and nothing else of this process.
struct SubprocessTests {
    private let folder = URL.temporaryDirectory.appending(component: "spotter-child-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(component: name), encoding: .utf8)
    }

    @Test func `outputs go where they are sent, and the end is told`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let apart = try Subprocess(
            ["/bin/sh", "-c", "echo one; echo two >&2; exit 3"], output: .file(folder.path + "/out"),
            errors: .file(folder.path + "/err"))
        #expect(apart.wait() == 3)
        #expect(try text("out") == "one\n" && text("err") == "two\n")
        let together = try Subprocess(
            ["/bin/sh", "-c", "echo one; echo two >&2; kill -9 $$"], output: .file(folder.path + "/both"))
        #expect(together.wait() == 128 + SIGKILL)
        #expect(try text("both") == "one\ntwo\n")
        #expect(throws: Subprocess.Failure.self) { try Subprocess(["/nowhere/at-all"]) }
    }

    @Test func `a child has no file of this process, and no variable but those named`() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let open = (0..<100).map { _ in dup(STDERR_FILENO) }.filter { $0 >= 0 }
        defer { for descriptor in open { close(descriptor) } }
        let child = try Subprocess(
            ["/bin/sh", "-c", "ls /proc/self/fd | wc -l; env | grep -c ONLY"],
            environment: ["PATH": "/usr/bin:/bin", "ONLY": "x"],
            output: .file(folder.path + "/out"))
        #expect(child.wait() == 0)
        // Three, and the one with which the folder is read.
        #expect(try text("out").split(whereSeparator: \.isWhitespace) == ["4", "1"])
    }
}
