import Foundation
import SigningKit
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

/// Events on their way to a target of a real program that is killed at each of its writes.
@Suite(.timeLimit(.minutes(5))) struct OutboundHookProgramTests {
    /// What has arrived, believed or not.
    private final class Target: Sendable {
        let ids = Mutex<[String: [String]]>([:])
        let secrets = Mutex<[String]>([])
        let refused = Mutex(0)
        /// One for each message that was believed.
        let arrivals: AsyncStream<Void>
        private let arrival: AsyncStream<Void>.Continuation

        init() { (arrivals, arrival) = AsyncStream.makeStream() }

        func take(_ request: RawRequest) {
            let headers = ["webhook-id", "webhook-timestamp", "webhook-signature"].map {
                (name: $0, value: request.headers[$0] ?? "")
            }
            let message = WebhookMessage(method: "POST", url: "", headers: headers, body: request.body)
            let known = secrets.withLock { $0 }
            let now = Int64(Date().timeIntervalSince1970 * 1_000)
            guard (try? WebhookStyle.standard.verify(message, secrets: known, now: now)) != nil else {
                refused.withLock { $0 += 1 }
                return
            }
            let event = (try? JSONParser.parse(request.body))?["event_id"]?.string ?? "test"
            ids.withLock { $0[event, default: []].append(request.headers["webhook-id"] ?? "") }
            arrival.yield()
        }
    }

    @Test(arguments: ["before-feed", "after-feed", "before-hook", "after-hook"])
    func `a program that is killed in between delivers every event, each under one id`(_ point: String) async throws {
        let target = Target()
        let receiver = try RawServer { connection in
            while true {
                target.take(try connection.readRequest())
                try connection.respond(status: 204, body: "")
            }
        }
        let open = ["SPOTTER_HTTP_ALLOW_PRIVATE": "127.0.0.1:\(receiver.port)"]
        let folder = RunningSpotter.newFolder()
        // A first run makes the hook; nothing it wants happens there.
        let first = try await RunningSpotter.start(in: folder, environment: open)
        defer { first.remove() }
        let made = try await first.send(
            "POST", "/v1/hooks",
            [
                "name": "Out", "direction": "outbound", "url": .string(receiver.url), "events": ["custom.*"],
            ])
        #expect(made.status == 201, "\(made.body)")
        let path = "/v1/hooks/\(made.body["id"]?.string ?? "")"
        let secret = try #require(made.body["secret"]?.string)
        target.secrets.withLock { $0 = [secret] }
        #expect(await first.stop() == 0)
        // The second dies when the event is on its way.
        let dying = try await RunningSpotter.start(
            in: folder, environment: open.merging(["SPOTTER_CRASH_AT": point]) { $1 })
        _ = try? await dying.send("POST", "/v1/events", ["type": "custom.one", "data": ["n": 1]])
        #expect(await dying.stop(by: 0) == 128 + SIGKILL)
        let third = try await RunningSpotter.start(in: folder, environment: open)
        let last = try await third.send("POST", "/v1/events", ["type": "custom.two", "data": ["n": 2]])
        #expect(last.status == 201, "\(last.body)")
        // What the killed one had is anybody's when its minute is over; what it had sent comes once more.
        var arrivals = target.arrivals.makeAsyncIterator()
        for _ in 1...(point == "after-hook" ? 3 : 2) { _ = await arrivals.next() }
        let deadline = ContinuousClock.now + .seconds(20)
        var log: [JSONValue] = []
        repeat {
            log = try await third.send("GET", path + "/deliveries").body["data"]?.array ?? []
            if log.count == 2, log.allSatisfy({ $0["state"] == "delivered" }) { break }
        } while ContinuousClock.now < deadline
        #expect(log.map { $0["state"] } == ["delivered", "delivered"])
        let got = target.ids.withLock { $0 }
        #expect(Set(got.keys) == Set(log.compactMap { $0["event_id"]?.string }))
        #expect(got.values.allSatisfy { Set($0).count == 1 }, "\(got)")
        #expect(target.refused.withLock { $0 } == 0)
        let metrics = try await third.text("GET", "/metrics").text
        #expect(metrics.contains("spotter_webhook_deliveries_total{outcome=\"delivered\"}"))
        // Both secrets sign until the next rotation.
        let new = try await third.send("POST", path + "/rotate", [:])
        let second = try #require(new.body["secret"]?.string)
        for known in [secret, second] {
            target.secrets.withLock { $0 = [known] }
            let before = target.ids.withLock { $0["test"]?.count ?? 0 }
            #expect(try await third.send("POST", path + "/test").status == 202)
            _ = await arrivals.next()
            #expect(target.ids.withLock { $0["test"]?.count ?? 0 } == before + 1)
        }
        #expect(await third.stop() == 0)
        #expect(!third.log.contains(secret) && !third.log.contains(second))
    }
}
