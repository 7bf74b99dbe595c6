import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct GuardedBoundsTests {
    private static let policy = OutboundPolicy(allowsPlainHTTP: true) { $0 == "127.0.0.1" }

    private func get(
        _ server: RawServer, adjusting adjust: (inout OutgoingRequest) -> Void = { _ in }
    ) async throws -> OutgoingResponse {
        var request = OutgoingRequest("GET", server.url)
        request.responseByteLimit = 1000
        request.truncatesBody = true
        request.acceptsCompression = true
        adjust(&request)
        return try await guarded(open: server).send(request, under: Self.policy, partition: "a").response
    }

    @Test(arguments: [true, false])
    func `a body over the limit is cut there, declared or not`(isDeclared: Bool) async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse(headers: isDeclared ? ["Content-Length": "1000000000000"] : [:])
            while true { try connection.write([UInt8](repeating: 65, count: 65536)) }
        }
        let response = try await get(server)
        #expect(response.body == [UInt8](repeating: 65, count: 1000))
        #expect(response.isTruncated)
    }

    @Test func `a body of just the limit is whole`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.respond(body: String(repeating: "a", count: 1000))
        }
        let response = try await get(server)
        #expect(response.body.count == 1000)
        #expect(!response.isTruncated)
    }

    @Test func `fifty megabytes in a few bytes of gzip in gzip are cut as soon as the limit is full`() async throws {
        let text = """
            H4sIAAAAAAACA+3cr05CYRzH4cOfwGQTCCaDBshWgmxaSAQDZucFcA2ejZEo3ASZxAXQ3LgAtVFojjHGDI559JwrML/v86Q3\
            /+J37z5X01qSK1c+V6XS3yOd/Sx2tbMEAAAACFz6Ma7kY0Bynb31Hx4BAACA0D03zqvFKHB6urx3DgAAAAjepNdtFj8EDi+j\
            qnMAAABA8C6+NnfFFvCaLVtD9wAAAIDgvQsGAAAAQFQEAwAAACAuggEAAAAQF8EAAAAAiIxgAAAAAMRFMAAAAADiMu912/kW\
            0Dxmy5tBAgAAwP/t69vO+jbdf5d/ARh4nTTuvQAA
            """
        let bomb = try #require(Data(base64Encoded: text))
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse(headers: ["Content-Encoding": "gzip, gzip"])
            try connection.write([UInt8](bomb))
        }
        let response = try await get(server)
        #expect(response.body == [UInt8](repeating: 0, count: 1000))
        #expect(response.isTruncated)
    }

    @Test func `an answer that drips is given up`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.beginResponse()
            while true {
                try connection.write("x")
                usleep(20_000)
            }
        }
        await #expect(throws: GuardedError.transport(.timeout(.slow))) {
            try await get(server) { $0.minimumRate = .init(bytesPerSecond: 100_000, period: 1) }
        }
    }

    @Test func `headers over their limit end the exchange`() async throws {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.write("HTTP/1.1 200 OK\r\n")
            while true { try connection.write("X-Many: \(String(repeating: "a", count: 1000))\r\n") }
        }
        await #expect(throws: GuardedError.transport(.tooLarge(limit: 16384))) { try await get(server) }
    }

    @Test func `cancelling ends the transfer at once`() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: String.self)
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            continuation.yield("reached")
            connection.waitForClose()
            continuation.yield("closed")
        }
        let client = try guarded(open: server)
        let url = server.url
        let running = Task {
            try await client.send(OutgoingRequest("GET", url), under: Self.policy, partition: "a")
        }
        var seen = events.makeAsyncIterator()
        #expect(await seen.next() == "reached")
        running.cancel()
        await #expect(throws: GuardedError.transport(.cancelled)) { try await running.value }
        #expect(await seen.next() == "closed")
    }

    @Test func `parties never share a connection, and the one that asked last keeps its own`() async throws {
        let server = try RawServer { connection in
            while true {
                _ = try connection.readRequest()
                try connection.respond(body: "ok")
            }
        }
        let client = try guarded(open: server) { $0.maximumPartitions = 2 }
        func ask(_ party: String) async throws -> Int {
            _ = try await client.send(OutgoingRequest("GET", server.url), under: Self.policy, partition: party)
            return server.connectionCount
        }
        #expect(try await [ask("a"), ask("a"), ask("b"), ask("b"), ask("a")] == [1, 1, 2, 2, 2])
        // A third takes the place of the one that did not ask for longest.
        #expect(try await [ask("c"), ask("a"), ask("b")] == [3, 3, 4])
        await client.shutDown()
    }
}
