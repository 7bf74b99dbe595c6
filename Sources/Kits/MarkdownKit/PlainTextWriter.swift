import CCmark

/// Writes a Markdown tree as plain text.
struct PlainTextWriter {
    /// A list that is being written.
    private struct List {
        var next: Int?
    }

    private var written = ""
    private var lists: [List] = []
    /// Where the texts of the links that are open begin.
    private var links: [String.Index] = []
    /// Line ends owed before the next words.
    private var owed = 0
    /// An item has begun and nothing of it is written.
    private var isAtItem = false

    /// Without blank lines at both ends.
    var text: String { String(written.drop { $0.isWhitespace }) }

    mutating func visit(_ node: MarkdownNode, _ isEntering: Bool) {
        switch node.type {
        case CMARK_NODE_TEXT, CMARK_NODE_CODE: write(node.literal)
        case CMARK_NODE_SOFTBREAK: write(" ")
        case CMARK_NODE_LINEBREAK: owe(1)
        case CMARK_NODE_CODE_BLOCK: writeCode(node.literal, closely: node.isInTightList)
        case CMARK_NODE_THEMATIC_BREAK:
            owe(2)
            write("----")
            owe(2)
        case CMARK_NODE_PARAGRAPH, CMARK_NODE_HEADING: owe(node.isInTightList ? 1 : 2)
        case CMARK_NODE_LIST: visitList(node, isEntering)
        case CMARK_NODE_ITEM where isEntering: beginItem()
        case CMARK_NODE_LINK, CMARK_NODE_IMAGE: visitLink(node, isEntering)
        default: break
        }
    }

    private mutating func visitList(_ node: MarkdownNode, _ isEntering: Bool) {
        owe(lists.count > (isEntering ? 0 : 1) ? 1 : 2)
        if isEntering {
            lists.append(List(next: node.isOrderedList ? node.listStart : nil))
        } else {
            _ = lists.popLast()
            isAtItem = false
        }
    }

    private mutating func beginItem() {
        owe(1)
        isAtItem = false
        let indent = String(repeating: "  ", count: min(max(0, lists.count - 1), 20))
        guard let last = lists.indices.last else { return }
        if let number = lists[last].next {
            write("\(indent)\(number). ")
            lists[last].next = number &+ 1
        } else {
            write("\(indent)- ")
        }
        isAtItem = true
    }

    /// The address stands behind the words, unless they are the address.
    private mutating func visitLink(_ node: MarkdownNode, _ isEntering: Bool) {
        if isEntering { return links.append(written.endIndex) }
        guard let start = links.popLast(), start <= written.endIndex else { return }
        let (url, words) = (node.url, written[start...].drop { $0.isWhitespace })
        guard Self.isPlain(url), words != url, "mailto:" + words != url else { return }
        write(words.isEmpty ? url : " (\(url))")
    }

    /// As in safe HTML: no address that a program would run.
    private static func isPlain(_ url: String) -> Bool {
        let lowercased = url.lowercased()
        return ["https://", "http://", "mailto:", "tel:"].contains { lowercased.hasPrefix($0) }
    }

    private mutating func writeCode(_ code: String, closely: Bool) {
        owe(closely ? 1 : 2)
        for (index, line) in code.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if index > 0 { owe(1) }
            write(String(line))
        }
        owe(closely ? 1 : 2)
    }

    private mutating func owe(_ lines: Int) {
        // What an item begins with stands beside its mark.
        guard !isAtItem else { return }
        owed = max(owed, lines)
    }

    private mutating func write(_ words: String) {
        guard !words.isEmpty else { return }
        if owed > 0, !written.isEmpty { written += String(repeating: "\n", count: owed) }
        owed = 0
        isAtItem = false
        written += words
    }
}
