import MarkdownKit

/// Any bytes as Markdown: the HTML has no tag that Markdown does not make, and an escaped value is read as itself.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMarkdown(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    let html = Markdown.html(text).lowercased()
    for tag in ["<script", "<iframe", "<style", "<object", "href=\"javascript:", "src=\"data:text"] {
        precondition(!html.contains(tag), "a tag that no Markdown makes")
    }
    _ = Markdown.plainText(text)
    let value = Markdown.escaped(text)
    precondition(!value.contains(where: \.isNewline), "a value of several lines")
    let shown = Markdown.html("a \(value) z")
    precondition(!shown.contains("<a ") && !shown.contains("<img") && !shown.contains("<h"), "a value that is a mark")
    return 0
}
