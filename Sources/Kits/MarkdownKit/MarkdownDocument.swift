import CCmark
import Foundation

/// A parsed text: owns libcmark's tree.
struct MarkdownDocument: ~Copyable {
    private let root: OpaquePointer

    /// nil when memory ran out.
    init?(_ text: String) {
        var text = text
        let root = text.withUTF8 { bytes -> OpaquePointer? in
            let count = min(bytes.count, Markdown.maximumBytes)
            // A cut inside a character leaves bytes that are no UTF-8, which cmark is told to replace.
            return bytes.withMemoryRebound(to: CChar.self) { start in
                cmark_parse_document(start.baseAddress, count, CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8)
            }
        }
        guard let root else { return nil }
        self.root = root
    }

    deinit { cmark_node_free(root) }

    /// Safe mode is the default of `cmark_render_html`.
    func html() -> String {
        guard let rendered = cmark_render_html(root, CMARK_OPT_DEFAULT) else { return "" }
        defer { free(rendered) }
        return String(cString: rendered)
    }

    /// Calls `visit` for each node as it is entered and, unless it is a leaf, as it is left.
    func walk(_ visit: (_ node: MarkdownNode, _ isEntering: Bool) -> Void) {
        guard let iterator = cmark_iter_new(root) else { return }
        defer { cmark_iter_free(iterator) }
        while true {
            let event = cmark_iter_next(iterator)
            guard event != CMARK_EVENT_DONE, let node = cmark_iter_get_node(iterator) else { return }
            visit(MarkdownNode(pointer: node), event == CMARK_EVENT_ENTER)
        }
    }
}

/// A node of a tree that is being walked.
struct MarkdownNode {
    let pointer: OpaquePointer

    var type: cmark_node_type { cmark_node_get_type(pointer) }
    var literal: String { cmark_node_get_literal(pointer).map { String(cString: $0) } ?? "" }
    var url: String { cmark_node_get_url(pointer).map { String(cString: $0) } ?? "" }
    var isOrderedList: Bool { cmark_node_get_list_type(pointer) == CMARK_ORDERED_LIST }
    var listStart: Int { Int(cmark_node_get_list_start(pointer)) }
    var isTight: Bool { cmark_node_get_list_tight(pointer) != 0 }
    /// Whether the node stands in a list's item.
    var isInItem: Bool {
        guard let parent = cmark_node_parent(pointer) else { return false }
        return cmark_node_get_type(parent) == CMARK_NODE_ITEM
    }
    /// The grandparent's tightness: paragraphs of a tight list stand close.
    var isInTightList: Bool {
        guard let item = cmark_node_parent(pointer), let list = cmark_node_parent(item) else { return false }
        return cmark_node_get_type(list) == CMARK_NODE_LIST && cmark_node_get_list_tight(list) != 0
    }
}
