import EventLoopKit
import Foundation
import HTTPClientKit
import SpotterDomain
import SpotterMessaging
import SpotterTesting
import Testing

private let loop = EventLoop(name: "sms-tests")

/// An SMS on its way to a number.
private func sms(_ body: String = "Hi Ana", to number: String = "+442079460018") -> OutboxMessage {
    OutboxMessage(
        id: RandomIDGenerator().id(at: TestOrganization.start), channel: .sms, purpose: .transactional,
        recipient: number, person: nil, subject: nil, body: body, html: nil, attachments: [], status: .sending,
        reason: nil, sentBy: "test", conversationId: nil, dueAt: TestOrganization.start, attempt: 1, providerId: nil,
        createdAt: TestOrganization.start, sentAt: nil)
}

@Suite(.timeLimit(.minutes(2))) struct SMSTransportTests {
    private func transport(_ server: RawServer, callback: String? = nil, from: String = "+15550100100") -> SMSTransport
    {
        SMSTransport(
            account: .init(
                sid: "AC1", token: "sesame", from: from, baseURL: server.url + "/", statusCallback: callback),
            client: HTTPClient(loops: [loop]))
    }

    /// What comes of an answer.
    private func outcome(
        _ status: Int, _ body: String, headers: [String: String] = [:]
    ) async throws -> DeliveryOutcome {
        let server = try RawServer { connection in
            _ = try connection.readRequest()
            try connection.respond(status: status, headers: headers, body: body)
        }
        return await transport(server).deliver(sms())
    }

    @Test func `an SMS goes out as a form, logged in, and has the provider's name afterwards`() async throws {
        let server = try RawServer { connection in
            let request = try connection.readRequest()
            #expect(request.method == "POST")
            #expect(request.target == "/2010-04-01/Accounts/AC1/Messages.json")
            #expect(request.headers["authorization"] == "Basic " + Data("AC1:sesame".utf8).base64EncodedString())
            #expect(request.headers["content-type"] == "application/x-www-form-urlencoded")
            #expect(
                request.text == "To=%2B442079460018&Body=Hi%20Z%C3%B6e%20%26%20co%3D1%0A&From=%2B15550100100"
                    + "&StatusCallback=https%3A%2F%2Fgym.test%2Fs")
            try connection.respond(status: 201, body: #"{"sid":"SM1","status":"queued"}"#)
        }
        let outcome = await transport(server, callback: "https://gym.test/s").deliver(sms("Hi Zöe & co=1\n"))
        #expect(outcome == .accepted(reference: "SM1"))
    }

    @Test func `a messaging service is named as one`() async throws {
        let server = try RawServer { connection in
            #expect(try connection.readRequest().text.hasSuffix("&MessagingServiceSid=MG1"))
            try connection.respond(status: 201, body: #"{"sid":"SM2"}"#)
        }
        #expect(await transport(server, from: "MG1").deliver(sms()) == .accepted(reference: "SM2"))
    }

    @Test func `refusals say whether trying again helps, and whether the receiver said stop`() async throws {
        guard case .refused(let reason, false) = try await outcome(400, #"{"code":21211,"message":"Not a number"}"#)
        else { Issue.record("a bad number is not refused"); return }
        #expect(reason.contains("21211: Not a number"))
        guard case .refused(_, true) = try await outcome(400, #"{"code":21610,"message":"unsubscribed"}"#) else {
            Issue.record("STOP is not heard"); return
        }
        guard case .postponed(_, .seconds(7)) = try await outcome(429, "{}", headers: ["Retry-After": "7"]) else {
            Issue.record("Retry-After is not heard"); return
        }
        for status in [401, 403, 404, 503] {
            guard case .postponed = try await outcome(status, "<html>") else {
                Issue.record("\(status) is not tried again"); return
            }
        }
        guard case .refused = try await outcome(201, #"{"sid":"SM3","status":"failed"}"#) else {
            Issue.record("a failure with 201 is a success"); return
        }
    }

    @Test func `what is not known to have failed is never taken for it`() async throws {
        for status in [500, 502, 504] {
            guard case .unknown = try await outcome(status, "oops") else { Issue.record("\(status) is known"); return }
        }
        let cut = try RawServer { connection in _ = try connection.readRequest() }
        guard case .unknown = await transport(cut).deliver(sms()) else { Issue.record("a cut is known"); return }
        let closed = try RawServer { _ in }
        closed.stop()
        guard case .postponed = await transport(closed).deliver(sms()) else {
            Issue.record("nobody there is not tried again"); return
        }
    }

    @Test func `the token shows itself to nobody`() {
        let account = SMSTransport.Account(sid: "AC1", token: "sesame", from: "+15550100100")
        var text = "\(account) \(String(reflecting: account))"
        dump(account, to: &text)
        #expect(!text.contains("sesame"))
    }
}
