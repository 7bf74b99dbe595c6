import YAMLKit

/// Gives bytes to the YAML parser as a file, as a stream and as Markdown with front matter.
///
/// Whatever comes in, the answer is a tree or an error, and every place lies in the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzzYAML(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

private func fuzzYAML(_ bytes: [UInt8]) {
    let lines = bytes.count + 1
    do throws(YAMLError) {
        check(try YAMLDocument.parse(bytes: bytes), lines)
        for document in try YAMLDocument.parseAll(bytes: bytes) { check(document, lines) }
    } catch {
        precondition((1...lines).contains(error.line) && error.column >= 1 && !error.message.isEmpty)
    }
    if let file = try? FrontMatter.split(bytes: bytes) {
        precondition((1...lines + 1).contains(file.bodyFirstLine))
        if let node = try? file.parse() { check(node, lines) }
    }
}

private func check(_ node: YAMLNode, _ lines: Int) {
    var visits = 0
    node.walk { visit in
        visits += 1
        precondition((1...lines).contains(visit.mark.line) && visit.mark.column >= 1)
    }
    precondition(visits <= 100_000)
}
