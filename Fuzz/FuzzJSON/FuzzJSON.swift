import SpotterDomain

/// Gives bytes to the JSON parser, and what it takes to the writer, the decoder and a schema.
///
/// Whatever comes in, the answer is a value or an error at a place in the text; what was read is written as text that
/// reads as the same; and no schema or type stops the process over it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzJSON(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzzJSON(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

private func fuzzJSON(_ bytes: [UInt8]) {
    do throws(JSONParser.Failure) {
        check(try JSONParser.parse(bytes))
    } catch {
        precondition((0...bytes.count).contains(error.offset) && !error.message.isEmpty)
    }
}

private func check(_ value: JSONValue) {
    let text = value.bytes
    guard let again = try? JSONParser.parse(text) else { preconditionFailure("what was written cannot be read") }
    // A whole float is written without its point and so read as an integer: the text is the same, not the case.
    precondition(again.bytes == text)
    precondition(again == again.merging(patch: [:]) || again.object == nil)
    let issues = JSONSchema.derived(from: AgentSettings.self).issues(in: value)
    precondition(issues.count <= 20 && issues.allSatisfy { $0.pointer.isEmpty || $0.pointer.hasPrefix("/") })
    if let settings = try? value.decoded(as: AgentSettings.self) {
        precondition(issues.isEmpty)
        precondition((try? JSONValue(encoding: settings)) != nil)
    }
    if let message = try? value.decodedUnchecked(as: ModelMessage.self) {
        guard let written = try? JSONValue(encoding: message) else {
            preconditionFailure("a message cannot be written")
        }
        precondition((try? written.decodedUnchecked(as: ModelMessage.self)) != nil)
    }
}
