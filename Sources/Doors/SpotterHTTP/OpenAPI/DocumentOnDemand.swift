import SpotterDomain
import Synchronization

/// The API's document, made when it is first asked for: most processes never are, and it is large.
final class DocumentOnDemand: Sendable {
    private let made = Mutex<(document: JSONValue, reply: Reply)?>(nil)
    private let make: @Sendable () -> JSONValue

    init(_ make: @escaping @Sendable () -> JSONValue) { self.make = make }

    /// The document itself.
    var document: JSONValue { value.document }

    /// As it is sent; readable from every origin.
    var reply: Reply { value.reply }

    private var value: (document: JSONValue, reply: Reply) {
        // Who comes meanwhile waits for it: making it twice takes longer.
        made.withLock { made in
            if let made { return made }
            let document = make()
            let fresh = (document, Reply.json(document.bytes).with("access-control-allow-origin", "*"))
            made = fresh
            return fresh
        }
    }
}
