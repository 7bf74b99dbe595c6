import EventLoopKit
import HTTPServerKit
import ServiceKit
import Testing

private let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"

@Suite(.timeLimit(.minutes(5))) struct DrainTests {
    @Test func `a request under way is finished, and its connection closed`() async throws {
        let started = Signal()
        let gate = Signal()
        let responder = TestResponder { _ in
            started.fire()
            await gate.wait()
            return .text(200, "done")
        }
        try await withServer(responder, loops: 2) { server in
            async let answer = server.client { client in
                try client.send(get + get)
                let response = try client.response()
                return (response.text, response.headers["connection"], try client.isAtEnd())
            }
            #expect(await started.wait())
            server.server.shutDown()
            let isRefused = try await onThread { [port = server.port] in
                // Refused, or reset by a socket that closes: in no case answered.
                for _ in 0..<10_000 {
                    guard let client = try? RawClient(port: port) else { return true }
                    withExtendedLifetime(client) {}
                }
                return false
            }
            #expect(isRefused)
            gate.fire()
            let (text, connection, isAtEnd) = try await answer
            #expect(text == "done" && connection == "close" && isAtEnd)
            try await server.running.value
        }
    }

    @Test func `a resting connection is closed at once`() async throws {
        try await withServer { server in
            let held = try await onThread { [port = server.port] in
                let client = try RawClient(port: port)
                try client.send(get)
                _ = try client.response()
                return Held(client)
            }
            server.server.shutDown()
            try await server.running.value
            let hasEnded = try await onThread { try held.client.isAtEndOrReset() }
            #expect(hasEnded)
        }
    }

    @Test func `what outlasts the grace time is cancelled`() async throws {
        let started = Signal()
        let responder = TestResponder { _ in
            started.fire()
            let isOver = await Signal().wait()
            return .text(503, isOver ? "finished" : "cancelled")
        }
        try await withServer(responder, configure: { $0.drainGrace = .milliseconds(50) }) { server in
            async let text = server.client { client in
                try client.send(get)
                return try client.response().text
            }
            #expect(await started.wait())
            server.server.shutDown()
            let answer = try await text
            #expect(answer == "cancelled")
            try await server.running.value
        }
    }

    @Test func `a handler that ignores its cancelling does not hold up the end`() async throws {
        let started = Signal()
        let gate = Signal()
        let responder = TestResponder { _ in
            started.fire()
            _ = await Task.detached { await gate.wait() }.value
            return .text(200, "")
        }
        try await withServer(
            responder,
            configure: {
                $0.drainGrace = .milliseconds(20)
                $0.cancelGrace = .milliseconds(20)
            }
        ) { server in
            let held = try await onThread { [port = server.port] in
                let client = try RawClient(port: port)
                try client.send(get)
                return Held(client)
            }
            #expect(await started.wait())
            server.server.shutDown()
            try await server.running.value
            let hasEnded = try await onThread { try held.client.isAtEndOrReset() }
            #expect(hasEnded)
            gate.fire()
        }
    }

    @Test func `cancelling run cancels the requests`() async throws {
        let started = Signal()
        let cancelled = Signal()
        let responder = TestResponder { _ in
            started.fire()
            if await !Signal().wait() { cancelled.fire() }
            return .text(503, "")
        }
        try await withServer(responder) { server in
            let held = try await onThread { [port = server.port] in
                let client = try RawClient(port: port)
                try client.send(get)
                return Held(client)
            }
            #expect(await started.wait())
            server.running.cancel()
            #expect(await cancelled.wait())
            try await server.running.value
            withExtendedLifetime(held) {}
        }
    }

    @Test func `stopping before running ends the run at once`() async throws {
        try await withServer { server in
            server.server.shutDown()
            server.server.shutDown()
            try await server.running.value
        }
    }

    @Test func `a port that is taken is an error that names it`() async throws {
        try await onThread {
            let taken = try ListeningSocket()
            let server = HTTPServer(
                configuration: HTTPServerConfiguration(port: taken.port), loops: EventLoopGroup(count: 1),
                responder: TestResponder.echo, log: .silent)
            let error = #expect(throws: HTTPServerError.self) { try server.bind() }
            #expect(error?.description.contains("port \(taken.port)") == true)
        }
    }

    @Test func `an address that is none is an error`() async throws {
        try await onThread {
            let server = HTTPServer(
                configuration: HTTPServerConfiguration(host: "no such host", port: 0), loops: EventLoopGroup(count: 1),
                responder: TestResponder.echo, log: .silent)
            #expect(throws: HTTPServerError.self) { try server.bind() }
        }
    }
}
