import EventLoopKit
import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterTesting
import Synchronization

/// The real program, started as a user starts it, on a private database in a folder of its own.
final class RunningSpotter: Sendable {
    /// What `up --json` said.
    let ready: JSONValue
    let folder: String
    /// What the program has written to standard error so far.
    var log: String { (try? String(contentsOfFile: folder + ".log", encoding: .utf8)) ?? "" }
    private let process: Subprocess
    private let end = Mutex<Int32?>(nil)
    private let output: Pipe

    /// The built program beside the test bundle.
    static var binary: String {
        let bundle = (CommandLine.arguments[0] as NSString).deletingLastPathComponent
        var folder = bundle
        for _ in 0..<4 {
            if FileManager.default.isExecutableFile(atPath: folder + "/spotter") { return folder + "/spotter" }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return FileManager.default.currentDirectoryPath + "/.build/debug/spotter"
    }

    /// Starts `spotter up`, or what `command` says, and waits until it is ready.
    static func start(
        _ command: [String] = ["up"], in folder: String? = nil, environment: [String: String] = [:]
    ) async throws -> RunningSpotter {
        let folder = folder ?? newFolder()
        let options = command == ["up"] ? ["--data", folder] : []
        return try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(with: Result { try RunningSpotter(command + options, folder, environment) })
            }
        }
    }

    /// A path that nobody else uses.
    static func newFolder() -> String { NSTemporaryDirectory() + "spotter-e2e-\(UUID().uuidString.prefix(8))" }

    private init(_ command: [String], _ folder: String, _ environment: [String: String]) throws {
        self.folder = folder
        // Only what is named here: the keys of whoever runs the tests stay out of it.
        let kept = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
        let inherited = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        output = Pipe()
        process = try Subprocess(
            [Self.binary] + command + ["--json", "--port", "0"], environment: inherited.merging(environment) { $1 },
            output: .descriptor(output.fileHandleForWriting.fileDescriptor), errors: .file(folder + ".log"))
        try output.fileHandleForWriting.close()
        var line: [UInt8] = []
        while line.last != 10, let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        ready = line.isEmpty ? .null : try JSONParser.parse(line.dropLast() + [])
    }

    /// Sends a request with the newcomer's token, or another, and reads the JSON that comes back.
    func send(
        _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = nil, trusting file: String? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let answer = try await text(method, path, body, token: token, trusting: file)
        return (answer.status, answer.text.isEmpty ? .null : try JSONParser.parse(answer.text))
    }

    /// The same, for an answer that may be something else than JSON.
    func text(
        _ method: String, _ path: String, _ body: JSONValue? = nil, token: String? = nil, trusting file: String? = nil
    ) async throws -> (status: Int, text: String) {
        let loops = EventLoopGroup(count: 1)
        var configuration = HTTPClient.Configuration()
        configuration.certificateAuthorityFile = file
        let client = HTTPClient(loops: loops.loops, configuration: configuration)
        let request = OutgoingRequest(
            method, url + path,
            headers: ["authorization": "Bearer \(token ?? self.token)", "content-type": "application/json"],
            body: body?.bytes)
        let result: Result<OutgoingResponse, any Error>
        do { result = .success(try await client.send(request)) } catch { result = .failure(error) }
        await client.shutDown()
        loops.stop()
        let response = try result.get()
        return (response.status, String(decoding: response.body, as: UTF8.self))
    }

    var url: String { ready["url"]?.string ?? "" }
    var token: String { ready["token"]?.string ?? "" }

    /// Asks the program to read its configuration again.
    func reload() { _ = kill(process.processID, SIGHUP) }

    /// Sends a signal, and goes on.
    func signal(_ number: Int32) { _ = kill(process.processID, number) }

    /// Sends a signal, waits for the end, and gives the exit code, or 128 plus the signal that ended it.
    func stop(by number: Int32 = SIGTERM) async -> Int32 {
        await withCheckedContinuation { done in
            Thread.detachNewThread { [self] in
                done.resume(
                    returning: end.withLock { end in
                        if let end { return end }
                        kill(process.processID, number)
                        let code = process.wait()
                        end = code
                        return code
                    })
            }
        }
    }

    /// Removes everything the program kept.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.removeItem(atPath: folder + ".log")
    }

    /// Runs a command of the program on the same data and gives its exit code, and what it wrote to either output.
    ///
    /// - Parameter input: what it reads from standard input.
    static func command(
        _ arguments: [String], data: String? = nil, environment added: [String: String] = [:], input: String? = nil
    ) async throws -> (code: Int32, output: String) {
        var environment = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME"].contains($0.key) }
        environment["SPOTTER_DATA"] = data
        let command = try await FinishedCommand.run(
            [binary] + arguments, environment: environment.merging(added) { $1 }, input: input ?? "")
        return (command.code, command.output)
    }
}
