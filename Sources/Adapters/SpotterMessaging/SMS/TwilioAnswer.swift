import HTTPClientKit
import SpotterDomain

/// What a Twilio-compatible provider answered.
struct TwilioAnswer {
    private let status: Int
    private let retryAfter: Duration?
    private let body: JSONValue

    /// The receiver has sent STOP to this number.
    private static let unsubscribed: Int64 = 21_610
    /// The sender's queue is full; too many requests; the service is not available for a moment.
    private static let passing: Set<Int64> = [20_429, 21_611, 20_503, 14_107]

    init(_ response: OutgoingResponse) {
        status = response.status
        retryAfter = response.headers["Retry-After"].flatMap { Int($0) }.map { .seconds(min(max($0, 0), 3_600)) }
        body = (try? JSONParser.parse(response.body)) ?? .null
    }

    var outcome: DeliveryOutcome {
        switch status {
        case 200...299: accepted
        case 401, 403, 404:
            // Nothing is wrong with the message; somebody has to mend the account.
            .postponed(reason: "The SMS provider does not take the account's requests (\(problem)).", after: nil)
        case 429, 503: .postponed(reason: "The SMS provider is busy (\(problem)).", after: retryAfter)
        case 400...499:
            if let code, Self.passing.contains(code) {
                .postponed(reason: "The SMS provider is busy (\(problem)).", after: retryAfter)
            } else {
                .refused(reason: "The SMS was refused (\(problem)).", isOptOut: code == Self.unsubscribed)
            }
        default: .unknown(reason: "The SMS provider failed and did not say whether it took the SMS (\(problem)).")
        }
    }

    /// A success without the provider's name for the message is one all the same; one that says it failed is none.
    private var accepted: DeliveryOutcome {
        if ["failed", "undelivered", "canceled"].contains(body["status"]?.string ?? "") {
            return .refused(reason: "The SMS was refused (\(problem)).", isOptOut: code == Self.unsubscribed)
        }
        return .accepted(reference: body["sid"]?.string.map { String($0.prefix(100)) })
    }

    private var code: Int64? {
        for name in ["code", "error_code"] {
            if case .int(let code)? = body[name] { return code }
        }
        return nil
    }

    /// The provider's own words: they are shown, so they are cut and of one line.
    private var problem: String {
        let said = body["message"]?.string ?? body["error_message"]?.string ?? "HTTP status \(status)"
        let line = said.unicodeScalars.filter { $0.properties.generalCategory != .control }
        let text = String(String(String.UnicodeScalarView(line)).prefix(200))
        return code.map { "\($0): \(text)" } ?? text
    }
}
