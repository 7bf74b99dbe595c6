import HTTPServerKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct ServerSentEventTests {
    @Test(arguments: [
        (ServerSentEvent(data: "a"), "data: a\n\n"),
        (ServerSentEvent(id: "7", event: "run.started", data: "{}"), "id: 7\nevent: run.started\ndata: {}\n\n"),
        (ServerSentEvent(data: "a\nb\r\nc\rd"), "data: a\ndata: b\ndata: c\ndata: d\n\n"),
        (ServerSentEvent(data: ""), "data: \n\n"), (ServerSentEvent(data: "a\n"), "data: a\ndata: \n\n"),
        (ServerSentEvent(retry: .seconds(3)), "retry: 3000\n\n"),
        (ServerSentEvent(comment: "still here"), ": still here\n\n"),
        (ServerSentEvent(comment: "a\ndata: b"), ": a\n: data: b\n\n"),
        (ServerSentEvent(id: "7\ndata: forged", event: "a\rb\u{0}c"), "id: 7 data: forged\nevent: a b c\n\n"),
        (ServerSentEvent(), "\n"),
    ])
    func `an event has its form on the wire`(_ event: ServerSentEvent, _ wire: String) {
        #expect(String(decoding: event.encoded, as: UTF8.self) == wire)
    }

    @Test func `events arrive one by one with the fields of a stream`() async throws {
        let gate = Signal()
        let responder = TestResponder { _ in
            .serverSentEvents(headers: ["x-extra": "yes"]) { events in
                try await events.send(ServerSentEvent(id: "1", data: "one"))
                await gate.wait()
                try await events.send(ServerSentEvent(id: "2", data: "two"))
            }
        }
        try await withServer(responder) { server in
            let (head, first, second) = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                let head = try client.receive(through: "\r\n\r\n")
                let first = try client.chunk()
                gate.fire()
                return (
                    head, String(decoding: first, as: UTF8.self), String(decoding: try client.chunk(), as: UTF8.self)
                )
            }
            #expect(head.contains("content-type: text/event-stream; charset=utf-8\r\n"))
            #expect(head.contains("cache-control: no-store\r\n"))
            #expect(head.contains("x-extra: yes\r\n"))
            #expect(first == "id: 1\ndata: one\n\n")
            #expect(second == "id: 2\ndata: two\n\n")
        }
    }

    @Test func `a silent stream is kept alive by comments`() async throws {
        let gate = Signal()
        let responder = TestResponder { _ in
            .serverSentEvents(keepAlive: .milliseconds(20)) { events in
                await gate.wait()
                try await events.send(ServerSentEvent(data: "end"))
            }
        }
        try await withServer(responder) { server in
            let pieces = try await server.client { client in
                try client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try client.receive(through: "\r\n\r\n")
                let comments = [try client.chunk(), try client.chunk()].map { String(decoding: $0, as: UTF8.self) }
                gate.fire()
                return comments + [try client.receive(through: "data: end\n\n")]
            }
            #expect(pieces[0] == ": keep-alive\n\n" && pieces[1] == ": keep-alive\n\n")
        }
    }

    @Test func `a stream can be run without a socket`() async throws {
        let response = HTTPResponse.serverSentEvents { try await $0.send(ServerSentEvent(data: "a")) }
        #expect(String(decoding: try await response.body.collect(), as: UTF8.self) == "data: a\n\n")
    }
}
