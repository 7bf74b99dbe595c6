import EventLoopKit
import Foundation
import HTTPClientKit
import ServiceKit
import SpotterDomain
import Synchronization

/// The real program, started as a user starts it, on a private database in a folder of its own.
final class RunningSpotter: Sendable {
    /// What `up --json` said.
    let ready: JSONValue
    let folder: String
    /// What the program has written to standard error so far.
    var log: String { (try? String(contentsOfFile: folder + ".log", encoding: .utf8)) ?? "" }
    private let process: Mutex<Process>

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
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.binary)
        process.arguments = command + ["--json", "--port", "0"]
        // Only what is named here: the keys of whoever runs the tests stay out of it.
        let kept = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
        let inherited = ProcessInfo.processInfo.environment.filter { kept.contains($0.key) }
        process.environment = inherited.merging(environment) { $1 }
        let output = Pipe()
        process.standardOutput = output
        _ = FileManager.default.createFile(atPath: folder + ".log", contents: nil)
        process.standardError = FileHandle(forWritingAtPath: folder + ".log") ?? FileHandle.nullDevice
        try process.run()
        var line: [UInt8] = []
        while line.last != 10, let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        ready = line.isEmpty ? .null : try JSONParser.parse(line.dropLast() + [])
        self.process = Mutex(process)
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
    func reload() { process.withLock { _ = kill($0.processIdentifier, SIGHUP) } }

    /// Sends a signal, and goes on.
    func signal(_ number: Int32) { process.withLock { _ = kill($0.processIdentifier, number) } }

    /// Sends a signal, waits for the end, and gives the exit code.
    func stop(by number: Int32 = SIGTERM) async -> Int32 {
        let identifier = process.withLock { $0.processIdentifier }
        kill(identifier, number)
        return await withCheckedContinuation { done in
            Thread.detachNewThread { [self] in
                done.resume(
                    returning: process.withLock { process in
                        process.waitUntilExit()
                        return process.terminationStatus
                    })
            }
        }
    }

    /// Removes everything the program kept.
    func remove() {
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.removeItem(atPath: folder + ".log")
    }

    /// Runs a command of the program on the same data and gives its exit code and output.
    ///
    /// - Parameter input: what it reads from standard input; nil leaves that as it is.
    static func command(
        _ arguments: [String], data: String? = nil, environment added: [String: String] = [:], input: String? = nil
    ) async throws -> (code: Int32, output: String) {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread {
                done.resume(
                    with: Result {
                        let process = Process()
                        process.executableURL = URL(fileURLWithPath: binary)
                        process.arguments = arguments
                        var environment = ProcessInfo.processInfo.environment.filter {
                            ["PATH", "HOME"].contains($0.key)
                        }
                        environment["SPOTTER_DATA"] = data
                        environment.merge(added) { $1 }
                        process.environment = environment
                        let output = Pipe()
                        process.standardOutput = output
                        process.standardError = output
                        let typed = Pipe()
                        if let input {
                            process.standardInput = typed
                            try typed.fileHandleForWriting.write(contentsOf: Data(input.utf8))
                            try typed.fileHandleForWriting.close()
                        }
                        try process.run()
                        let text = String(decoding: try output.fileHandleForReading.readUntilEnd(), as: UTF8.self)
                        process.waitUntilExit()
                        return (process.terminationStatus, text)
                    })
            }
        }
    }
}
