import SpotterDomain

/// A reasoning model's thinking as the Responses API gives and takes it: a summary for people, and the whole of it
/// sealed. In the neutral history the item itself, as JSON, is the signature.
struct ReasoningItem: Sendable, Equatable {
    let json: JSONValue

    /// An item of an answer; `nil` for any other item and for one that is not sealed, which the API would not know.
    init?(_ item: JSONValue) {
        guard item["type"]?.string == "reasoning", let sealed = item["encrypted_content"]?.string, !sealed.isEmpty,
            let id = item["id"]?.string
        else { return nil }
        json = [
            "type": "reasoning", "id": .string(id), "summary": item["summary"] ?? [],
            "encrypted_content": .string(sealed),
        ]
    }

    /// From a signature; `nil` for one that another form of the API has made.
    init?(sealed signature: String) {
        guard let value = try? JSONParser.parse(signature) else { return nil }
        self.init(value)
    }

    /// As it stands in the neutral history.
    var signature: String { json.description }

    /// What people may read of a reasoning item, sealed or not.
    static func text(of item: JSONValue) -> String {
        let pieces = (item["summary"]?.array ?? []) + (item["content"]?.array ?? [])
        return pieces.compactMap { $0["text"]?.string }.joined(separator: "\n\n")
    }
}
