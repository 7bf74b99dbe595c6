import Foundation
import HTTPServerKit
import ServiceKit
import SpotterDomain
import SpotterEngine

/// The event log as a WebSocket that also takes events in.
///
/// Each socket reads the log from its own place at its own pace: a slow one holds up nobody, and costs one batch.
struct EventSocket: Sendable {
    /// The subprotocol that is spoken.
    static let name = "spotter.v1"
    /// What a browser, which cannot send an Authorization field, writes before its token.
    private static let tokenPrefix = "spotter.token."
    private static let revoked = WebSocketClosure(4401, "The token is expired or revoked.")

    let services: Services
    let context: RequestContext
    let caller: Caller
    let position: Int64
    let types: EventTypeFilter

    /// Answers the handshake.
    ///
    /// - Parameter position: the events after it are sent; nil: those from now on.
    static func reply(
        _ services: Services, _ context: RequestContext, after position: Int64?, _ types: EventTypeFilter
    ) async throws -> Reply {
        guard let caller = context.caller else { throw Authenticator.refusal }
        let handshake: WebSocketHandshake
        do {
            handshake = try WebSocketHandshake(context.request.head)
        } catch {
            let code: SpotterError.Code = error.status == 426 ? .upgradeRequired : .invalid
            var reply = Problem.reply(for: SpotterError(code, error.detail), requestID: context.requestID)
            reply.headers += error.headers
            return reply
        }
        let seat = try services.access.seats.take(for: caller)
        var start = position ?? 0
        if position == nil { start = try await services.events.end(in: caller.scope) }
        let socket = EventSocket(
            services: services, context: context, caller: caller, position: start, types: types)
        let response = handshake.response(protocol: handshake.protocols.contains(name) ? name : nil) {
            defer { withExtendedLifetime(seat) {} }
            try await socket.run($0)
        }
        return Reply(status: 101, contentType: "", body: response.body, headers: response.headers.map { ($0, $1) })
    }

    /// The token among the offered subprotocols, as an Authorization field would have it; nil unless there is just one.
    static func authorization(in headers: HTTPHeaders) -> String? {
        let offered = headers.values(of: "sec-websocket-protocol").flatMap { $0.split(separator: ",") }
        let tokens = offered.compactMap { entry in
            let entry = entry.trimmingCharacters(in: .whitespaces)
            return entry.hasPrefix(tokenPrefix) ? entry.dropFirst(tokenPrefix.count) : nil
        }
        return tokens.count == 1 ? tokens.first.map { "Bearer \($0)" } : nil
    }

    /// Sends and takes in until one side ends, or the token does.
    private func run(_ socket: WebSocket) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await send(to: socket) }
            group.addTask { try await receive(from: socket) }
            group.addTask { try await watchToken(of: socket) }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func send(to socket: WebSocket) async throws {
        try await services.events.follow(after: position, execution: nil, types: types, in: caller.scope) { events in
            for event in events { try await socket.send(Self.text(JSONWriter.encode(EventResource(event)))) }
            return true
        }
        socket.close(.goingAway)
    }

    private func watchToken(of socket: WebSocket) async throws {
        try await CallerWatch(services: services, context: context).untilRefused()
        socket.close(Self.revoked)
    }

    // MARK: Publishing

    /// What a client sends.
    struct ClientFrame: Codable, Sendable {
        let publish: EventRoutes.PublishRequest
        let ref: String?
    }

    private func receive(from socket: WebSocket) async throws {
        while let text = try await socket.receive() {
            // A client that leaves at once after publishing has published all the same.
            let answer = try await withoutCancellation { () async throws -> JSONValue in await self.answer(to: text) }
            try await socket.send(Self.text(answer.bytes))
        }
    }

    private func answer(to text: String) async -> JSONValue {
        var ref = JSONValue.null
        do {
            let parsed = Result { try parse(text, &ref) }
            // Counted as a request is, whatever it holds.
            try await services.access.admitFrame(of: caller)
            let (frame, fields) = try parsed.get()
            let event = try await publish(frame.publish, fields)
            return ["ack": ref, "id": .string("\(event.position)")]
        } catch {
            var problem = Problem.document(for: error, requestID: context.requestID).object ?? JSONObject()
            if let seconds = (error as? SpotterError)?.retryAfter { problem["retry_after"] = .int(Int64(seconds)) }
            return ["error": .object(problem), "ref": ref]
        }
    }

    /// Publishes as `POST /v1/events` does, with an entry of the audit log.
    private func publish(_ wanted: EventRoutes.PublishRequest, _ fields: [String]) async throws -> Event {
        guard caller.may(.eventsWrite) else {
            throw SpotterError(.forbidden, "This needs the scope events:write, which the token lacks.")
        }
        let now = services.clock.now()
        let audit = RequestAudit(ids: services.ids)
        return try await audit.carry(EventRoutes.publishing, of: caller, context.requestID, at: now) {
            AuditSlip.current?.note(fields: fields)
            try await EventRoutes.check(wanted, services, in: caller.scope)
            return try await services.events.publish(wanted.draft, at: now, in: caller.scope)
        }
    }

    /// The frame, and the names of the event's fields.
    private func parse(_ text: String, _ ref: inout JSONValue) throws -> (frame: ClientFrame, fields: [String]) {
        let json: JSONValue
        do {
            json = try JSONParser.parse(Array(text.utf8))
        } catch { throw SpotterError(.invalid, "The frame is not valid JSON: \(error).") }
        if let text = json["ref"]?.string, text.utf8.count <= 256 { ref = .string(text) }
        let frame = try json.decoded(as: ClientFrame.self)
        guard frame.ref == nil || ref != .null else {
            throw SpotterError.invalid("/ref", "must have at most 256 bytes")
        }
        return (frame, json["publish"]?.object?.keys ?? [])
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
