/// Rules for the header fields of guarded requests, by their names.
enum OutboundHeaders {
    /// Written by the client alone: they frame the message, belong to one connection, or say who is asking.
    private static let reserved: Set<String> = [
        "accept-encoding", "authorization", "connection", "content-length", "cookie", "cookie2", "expect", "host",
        "http2-settings", "keep-alive", "te", "trailer", "trailers", "transfer-encoding", "upgrade", "via",
    ]

    /// What another origin may see: it says nothing about whoever is asking.
    private static let harmless: Set<String> = [
        "accept", "accept-language", "content-type", "idempotency-key", "user-agent",
    ]

    /// Whether a caller may not give the field.
    static func isReserved(_ name: String) -> Bool {
        let name = name.lowercased()
        return reserved.contains(name) || name.hasPrefix("proxy-")
    }

    /// Whether the field says who is asking.
    static func saysWhoAsks(_ name: String) -> Bool { ["authorization", "cookie"].contains(name.lowercased()) }

    /// Whether the field goes along when a redirect leaves the origin.
    static func crossesOrigins(_ name: String) -> Bool { harmless.contains(name.lowercased()) }

    /// Whether the field describes a body, and goes when the body goes.
    static func describesBody(_ name: String) -> Bool { name.lowercased().hasPrefix("content-") }
}

extension MessageHeaders {
    /// The fields whose names pass the test, in order.
    func keeping(_ isKept: (String) -> Bool) -> MessageHeaders {
        var kept = MessageHeaders()
        for field in fields where isKept(field.name) { kept.append(field.name, field.value) }
        return kept
    }
}
