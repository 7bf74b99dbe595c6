import Foundation
import SpotterDomain
import SpotterTesting
import Testing

/// `http_request` in the real program: the tenant's file, the environment and a reload decide where it may go.
@Suite(.timeLimit(.minutes(3))) struct HTTPToolTests {
    @Test func `a gym's file opens a host, a reload shuts it, and the environment's proxies are not used`()
        async throws
    {
        let service = try RawServer { connection in
            while true {
                let request = try connection.readRequest()
                try connection.respond(
                    headers: ["Content-Type": "application/json"],
                    body: #"{"key":"\#(request.headers["x-api-key"] ?? "")","target":"\#(request.target)"}"#)
            }
        }
        let proxy = try RawServer { connection in try connection.respond(body: "through the proxy") }
        let home = try Home()
        defer { home.remove() }
        try home.write(
            """
            http:
              allow_hosts: [127.0.0.1, localhost]
              allow_http: true
              secrets: [{host: 127.0.0.1, header: X-Api-Key, value: env:GYM_SECRET}]
            """)
        let server = try await RunningSpotter.start(environment: [
            "SPOTTER_HOME": home.path, "SPOTTER_HTTP_ALLOW_PRIVATE": "127.0.0.1:\(service.port)",
            "GYM_SECRET": "canary-secret", "http_proxy": proxy.url, "HTTP_PROXY": proxy.url, "ALL_PROXY": proxy.url,
            "all_proxy": proxy.url,
        ])
        defer { server.remove() }
        let path = "/v1/tools/http_request/invoke"
        func ask(_ url: String) async throws -> JSONValue {
            let call: JSONValue = ["arguments": ["method": "GET", "url": .string(url)]]
            return try await server.send("POST", path, call).body
        }

        let answer = try await ask("\(service.url)/classes")
        #expect(answer["is_error"] == false)
        #expect(answer["result"]?["body"] == ["key": "[secret]", "target": "/classes"])
        // The database's socket is not TCP; the server's own port is on the same address and stays shut.
        let own = try await ask(server.url + "/health")
        #expect(own["is_error"] == true)
        #expect(own["result"]?.string?.contains("Port") == true)

        try home.write("")
        server.reload()
        var message: String?
        let deadline = ContinuousClock.now + .seconds(20)
        while message == nil, ContinuousClock.now < deadline {
            message = try await ask("\(service.url)/classes")["result"]?.string
        }
        #expect(message?.contains("http: {allow_hosts: [\"127.0.0.1\"]}") == true)
        #expect(proxy.connectionCount == 0)
        #expect(await server.stop() == 0)
    }

    @Test func `an open address that is none is refused at the start`() async throws {
        let server = try await RunningSpotter.start(environment: ["SPOTTER_HTTP_ALLOW_PRIVATE": "localhost:80"])
        defer { server.remove() }
        #expect(server.ready.isNull)
        #expect(await server.stop() != 0)
    }

    /// A home with one gym, whose file changes.
    private struct Home {
        let path = NSTemporaryDirectory() + "spotter-home-\(UUID().uuidString.prefix(8))"

        init() throws {
            let files = FileManager.default
            try files.createDirectory(atPath: path + "/tenants", withIntermediateDirectories: true)
            for folder in ["migrations", "templates"] {
                try files.createSymbolicLink(
                    atPath: "\(path)/\(folder)", withDestinationPath: "\(files.currentDirectoryPath)/\(folder)")
            }
        }

        func write(_ more: String) throws {
            let text = "slug: http-gym\nname: HTTP Gym\ntimezone: UTC\ncurrency: EUR\n\(more)\n"
            try text.write(toFile: path + "/tenants/http-gym.yaml", atomically: true, encoding: .utf8)
        }

        func remove() { try? FileManager.default.removeItem(atPath: path) }
    }
}
