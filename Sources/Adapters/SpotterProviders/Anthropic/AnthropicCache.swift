import SpotterDomain

/// Says which parts of a prompt the provider should keep in its cache.
///
/// The API takes at most four marks and reads the prompt in the order tools, system, messages: one mark stands at the
/// end of the tools, one at the end of the system prompt, and two in the conversation. A turn with tools asks again with
/// a little more each time; the mark before the last is where the previous question ended, and is read from the cache.
enum AnthropicCache {
    /// The block with a mark.
    static func marked(_ block: JSONValue) -> JSONValue {
        block.replacingMembers(with: ["cache_control": ["type": "ephemeral"]])
    }

    /// The list with a mark at its last element.
    static func markingLast(_ list: [JSONValue]) -> [JSONValue] {
        guard let last = list.last else { return list }
        return list.dropLast() + [marked(last)]
    }

    /// Marks the last two of the user's messages, each at its last block.
    static func markTail(of turns: inout [AnthropicRequest.Turn]) {
        for index in turns.indices.filter({ turns[$0].role == "user" }).suffix(2) {
            turns[index].blocks = markingLast(turns[index].blocks)
        }
    }
}
