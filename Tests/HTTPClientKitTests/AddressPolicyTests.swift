import EventLoopKit
import HTTPClientKit
import SpotterTesting
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct AddressPolicyTests {
    @Test(arguments: [
        "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "0.0.0.0", "localhost", "localhost.",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::127.0.0.1]",
        "127.0.0.1.", "LOCALHOST",
    ])
    func `no spelling of loopback reaches a listener`(host: String) async throws {
        let server = try RawServer { connection in try connection.respond(body: "reached") }
        var configuration = HTTPClient.Configuration()
        configuration.addressPolicy = { $0.isPublic }
        let client = HTTPClient(loops: [sharedLoop], configuration: configuration)
        let request = OutgoingRequest("GET", "http://\(host):\(server.port)/")
        // With a trailing dot it is a name that some resolvers know no address of.
        let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
        #expect(error == .addressRefused || (host.hasSuffix(".") && error == .nameResolution))
        #expect(server.connectionCount == 0)
    }

    @Test func `a client with a policy shares no connection with one without`() async throws {
        let server = try RawServer { connection in
            while true {
                _ = try connection.readRequest()
                try connection.respond(body: "ok")
            }
        }
        let request = OutgoingRequest("GET", server.url)
        let open = HTTPClient(loops: [sharedLoop])
        _ = try await open.send(request)
        let asked = AsyncStream.makeStream(of: RemoteAddress.self)
        var configuration = HTTPClient.Configuration()
        configuration.addressPolicy = { address in
            asked.continuation.yield(address)
            return true
        }
        let guarded = HTTPClient(loops: [sharedLoop], configuration: configuration)
        _ = try await guarded.send(request)
        #expect(server.connectionCount == 2)
        for await address in asked.stream {
            #expect(address == RemoteAddress(bytes: [127, 0, 0, 1], port: UInt16(server.port)))
            break
        }
    }

    @Test(
        arguments: [
            ([8, 8, 8, 8], true), ([172, 15, 0, 1], true), ([172, 16, 0, 1], false), ([172, 31, 255, 255], false),
            ([172, 32, 0, 0], true), ([10, 1, 2, 3], false), ([192, 168, 1, 1], false), ([169, 254, 169, 254], false),
            ([100, 63, 0, 1], true), ([100, 64, 0, 1], false), ([100, 127, 255, 255], false), ([100, 128, 0, 0], true),
            ([127, 255, 255, 254], false), ([0, 1, 2, 3], false), ([224, 0, 0, 1], false),
            ([255, 255, 255, 255], false),
            ([198, 17, 0, 1], true), ([198, 19, 0, 1], false), ([203, 0, 113, 5], false),
        ] as [([UInt8], Bool)])
    func `an IPv4 address is public or it is not`(bytes: [UInt8], isPublic: Bool) throws {
        let address = try #require(RemoteAddress(bytes: bytes, port: 80))
        #expect(address.isPublic == isPublic)
    }

    @Test(
        arguments: [
            // A public one; then ULA (fd00:ec2::254), link-local, multicast, 6to4, Teredo, documentation, ISATAP.
            (head: [0x26, 0x06, 0x47, 0x00], tail: [0x11, 0x11], isPublic: true),
            (head: [0xFD, 0x00, 0x0E, 0xC2], tail: [0x02, 0x54], isPublic: false),
            (head: [0xFE, 0x80], tail: [1], isPublic: false), (head: [0xFF, 0x02], tail: [1], isPublic: false),
            (head: [0x20, 0x02, 0x7F, 0, 0, 1], tail: [1], isPublic: false),
            (head: [0x20, 0x01, 0, 0], tail: [1], isPublic: false),
            (head: [0x20, 0x01, 0x0D, 0xB8], tail: [1], isPublic: false),
            (head: [0x26, 0x06], tail: [0, 0, 0x5E, 0xFE, 127, 0, 0, 1], isPublic: false),
            (head: [], tail: [0xFF, 0xFF, 8, 8, 8, 8], isPublic: false), (head: [], tail: [1], isPublic: false),
            (head: [0, 0x64, 0xFF, 0x9B], tail: [127, 0, 0, 1], isPublic: false),
        ] as [(head: [UInt8], tail: [UInt8], isPublic: Bool)])
    func `an IPv6 address is public or it is not`(head: [UInt8], tail: [UInt8], isPublic: Bool) throws {
        let bytes = head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
        let address = try #require(RemoteAddress(bytes: bytes, port: 80))
        #expect(address.isPublic == isPublic)
    }
}
