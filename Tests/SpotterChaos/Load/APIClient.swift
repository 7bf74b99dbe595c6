import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain

/// A customer's client: it asks again with the same key until it is told what came of it.
struct APIClient: Sendable {
    let client: HTTPClient
    let url: @Sendable () -> String
    let token: String
    /// When it gives up: long after everything was well again.
    let deadline: ContinuousClock.Instant

    struct Answer: Sendable {
        let status: Int
        let text: String
        var json: JSONValue { (try? JSONParser.parse(text)) ?? .null }
    }

    /// Nobody said what came of a request.
    struct Unanswered: Error, CustomStringConvertible {
        let description: String
    }

    /// Asks once.
    func once(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil
    ) async throws -> Answer {
        var request = OutgoingRequest(
            method, url() + path,
            headers: ["authorization": "Bearer \(token)", "content-type": "application/json"], body: body?.bytes)
        if let key { request.headers.append("idempotency-key", key) }
        request.connectTimeout = .seconds(2)
        // A frozen or dying server must not keep a customer.
        request.deadline = .seconds(20)
        let response = try await client.send(request)
        return Answer(status: response.status, text: String(decoding: response.body, as: UTF8.self))
    }

    /// Asks until there is an answer that says what came of it: anything but an outage, and "still running".
    func insist(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil,
        isAnswer: @Sendable (Answer) -> Bool = { _ in true }
    ) async throws -> Answer {
        var last = "no answer"
        while ContinuousClock.now < deadline {
            do {
                let answer = try await once(method, path, body, key: key)
                if !Self.isPassing(answer), isAnswer(answer) { return answer }
                last = "\(answer.status) \(answer.text.prefix(300))"
            } catch let error as HTTPClientError { last = "\(error)" }
            try await Task.sleep(for: .milliseconds(150))
        }
        throw Unanswered(description: "\(method) \(path) (\(key ?? "no key")): \(last)")
    }

    private static func isPassing(_ answer: Answer) -> Bool {
        switch answer.status {
        case 408, 429, 503: true
        case 409: answer.json["code"] == "idempotency_key_in_use"
        default: false
        }
    }
}
