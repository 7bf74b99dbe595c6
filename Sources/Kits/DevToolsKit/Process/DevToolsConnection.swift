import Foundation
import ServiceKit
import Synchronization

/// The way to one browser: commands go out, answers and events come in.
///
/// A thread of its own reads, a queue of its own writes: neither waits on the shared pool. When the browser ends, every
/// command that waits fails with `closed`.
final class DevToolsConnection: Sendable {
    /// Hears the events of one page; runs on the reading thread and must not block.
    typealias Listener = @Sendable (DevToolsFrame) -> Void

    private struct State {
        var next = 1
        var waiting: [Int: (session: String?, continuation: CheckedContinuation<DevToolsFrame, any Error>)] = [:]
        var listeners: [String: Listener] = [:]
        var isClosed = false
    }

    private struct Command<Parameters: Encodable>: Encodable {
        let id: Int
        let method: String
        let params: Parameters
        let sessionId: String?
    }

    private let process: BrowserProcess
    private let state = Mutex(State())
    private let writer = DispatchQueue(label: "browser-commands")

    /// - Parameter onEnd: called once, on the reading thread, when the browser has ended and was waited for.
    init(_ process: BrowserProcess, onEnd: @escaping @Sendable () -> Void) {
        self.process = process
        let thread = Thread { [self] in
            readUntilEnd()
            process.end()
            process.reap()
            onEnd()
        }
        thread.name = "browser-reader"
        thread.start()
    }

    /// Whether the browser has ended.
    var isClosed: Bool { state.withLock(\.isClosed) }

    /// The number of the browser's process.
    var processID: pid_t { process.processID }

    /// Ends the browser at once.
    func close() { process.end() }

    /// Who hears the events of a page; nil for nobody.
    func listen(to session: String, _ listener: Listener?) { state.withLock { $0.listeners[session] = listener } }

    /// Every command of a page that waits fails, because its process has ended.
    func abandon(_ session: String) {
        let abandoned = state.withLock { state in
            let ids = state.waiting.filter { $0.value.session == session }.map(\.key)
            return ids.compactMap { state.waiting.removeValue(forKey: $0)?.continuation }
        }
        for continuation in abandoned { continuation.resume(throwing: DevToolsError.crashed) }
    }

    /// Sends a command and waits for its answer.
    ///
    /// - Throws: `DevToolsError`, or `CancellationError`.
    @discardableResult
    func call<Parameters: Encodable & Sendable, Result: Decodable & Sendable>(
        _ method: String, _ parameters: Parameters, session: String? = nil, within limit: Duration = .seconds(10),
        as type: Result.Type = Nothing.self
    ) async throws -> Result {
        do {
            return try await withTimeout(limit) { [self] in
                try await answer(to: method, parameters, session).result(as: Result.self)
            }
        } catch is TimeoutError { throw DevToolsError.timedOut(method: method) }
    }

    /// Sends a command whose answer nobody needs.
    func tell<Parameters: Encodable & Sendable>(_ method: String, _ parameters: Parameters, session: String? = nil) {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        send(Command(id: id, method: method, params: parameters, sessionId: session))
    }

    private func answer<Parameters: Encodable & Sendable>(
        to method: String, _ parameters: Parameters, _ session: String?
    ) async throws -> DevToolsFrame {
        let id = state.withLock { state in
            defer { state.next += 1 }
            return state.next
        }
        let frame = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refusal: (any Error)? = state.withLock { state in
                    guard !state.isClosed else { return DevToolsError.closed }
                    guard !Task.isCancelled else { return CancellationError() }
                    state.waiting[id] = (session, continuation)
                    return nil
                }
                if let refusal { return continuation.resume(throwing: refusal) }
                send(Command(id: id, method: method, params: parameters, sessionId: session))
            }
        } onCancel: {
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            waiting?.continuation.resume(throwing: CancellationError())
        }
        if case .refusal(_, let message) = frame.kind { throw DevToolsError.refused(method: method, message: message) }
        return frame
    }

    private func send<Parameters: Encodable & Sendable>(_ command: Command<Parameters>) {
        guard let json = try? JSONEncoder().encode(command) else { return }
        let bytes = json + [0]
        let socket = process.writing
        writer.async { [self] in
            guard !isClosed else { return }
            bytes.withUnsafeBytes { buffer in
                var sent = 0
                while sent < buffer.count {
                    let count = Glibc.send(
                        socket, buffer.baseAddress?.advanced(by: sent), buffer.count - sent, Int32(MSG_NOSIGNAL)
                    )
                    if count < 0, errno == EINTR { continue }
                    guard count > 0 else { return }
                    sent += count
                }
            }
        }
    }

    private func readUntilEnd() {
        var splitter = FrameSplitter()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        reading: while true {
            let count = buffer.withUnsafeMutableBytes { read(process.reading, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0, let frames = try? splitter.receive(buffer[..<count]) else { break }
            for bytes in frames {
                guard let frame = try? DevToolsFrame(bytes) else { break reading }
                deliver(frame)
            }
        }
        let waiting = state.withLock { state in
            defer {
                state.waiting = [:]
                state.listeners = [:]
            }
            state.isClosed = true
            return state.waiting.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(throwing: DevToolsError.closed) }
        let (reading, writing) = (process.reading, process.writing)
        Glibc.close(reading)
        // After what is being written: the number must not belong to anything else by then.
        writer.async { Glibc.close(writing) }
    }

    private func deliver(_ frame: DevToolsFrame) {
        switch frame.kind {
        case .answer(let id), .refusal(let id, _):
            let waiting = state.withLock { $0.waiting.removeValue(forKey: id) }
            waiting?.continuation.resume(returning: frame)
        case .event:
            guard let session = frame.session else { return }
            state.withLock { $0.listeners[session] }?(frame)
        }
    }
}

/// Parameters of a command that has none, and the result of one whose answer says nothing.
struct Nothing: Codable, Sendable {}
