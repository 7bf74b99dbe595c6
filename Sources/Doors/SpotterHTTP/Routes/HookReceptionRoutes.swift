import HTTPServerKit
import SpotterDomain
import SpotterMonitoring
import SpotterWorkflows

/// `POST /v1/hooks/{hook_id}`: where messages of other systems come in, without a token. The signature says who sends.
enum HookReceptionRoutes {
    static func routes(_ services: Services) -> [Route] { [receive(services)] }

    static let tag = "Hook reception"

    private static func receive(_ services: Services) -> Route {
        Route(
            .post, "/v1/hooks/{hook_id}", "receiveHook", "Take a signed message of another system", tag: tag,
            permission: nil,
            body: Route.Body(
                schema: JSONSchema(
                    .any,
                    description: "Whatever the sender sends: JSON, or a form as `application/x-www-form-urlencoded`."),
                limit: HookLimits.longestMessage, example: ["type": "lead.created", "name": "Ana"]),
            answers: [
                .json(
                    202,
                    "It is stored, and what it starts is in the queue. 401 whatever is wrong with the address or the "
                        + "signature; 415 for anything but JSON and forms.", HookReceiptResource.self),
                .json(
                    200,
                    "It had come before, and nothing is started again. Of a hook with `inbound_sms` always this, as "
                        + "`text/xml`: TwiML, empty or with a reply.", HookReceiptResource.self),
            ]
        ) { context in
            let meters = services.monitoring.meters
            do {
                let (reply, outcome) = try await take(context, services)
                meters.noteHookMessage(outcome)
                return reply
            } catch let error as SpotterError {
                meters.noteHookMessage("refused")
                throw error
            }
        }
    }

    private static func take(
        _ context: RequestContext, _ services: Services
    ) async throws -> (reply: Reply, outcome: String) {
        let message = message(of: context.request, publicURL: services.messages.publicURL)
        // Before anything of the body is read.
        let opened = try await services.hooks.open(
            message, at: context.parameters["hook_id"].flatMap(HookID.init), context.now)
        let standing = try await services.access.admitHook(in: opened.scope)
        let received = try await services.hooks.receive(
            message, try context.payload(), by: opened, at: context.now)
        let (delivery, isNew) = (received.delivery, received.isNew)
        let reply =
            opened.hook.settings.action?.kind == .inboundSMS
            ? TwiML.reply(received.reply)
            : try Reply.json(
                HookReceiptResource(deliveryId: delivery.id, duplicate: !isNew), status: isNew ? 202 : 200)
        return (
            reply.with("ratelimit-policy", standing.policy).with("ratelimit", standing.state),
            isNew ? delivery.state.rawValue : "repeated"
        )
    }

    private static func message(of request: HTTPRequest, publicURL: String?) -> HookMessage {
        // Senders that sign the address know this server by the name it was given, or by the one they have asked for, and
        // then never without TLS.
        let url = (publicURL ?? "https://\(request.headers["host"] ?? "")") + request.target
        return HookMessage(
            method: request.method.rawValue, url: url,
            headers: request.headers.map { (name: $0.name, value: $0.value) }, body: request.body)
    }
}
