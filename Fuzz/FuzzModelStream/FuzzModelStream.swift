import SpotterDomain
import SpotterProviders

/// Any bytes in any of the providers' forms are an answer or a typed error, the same however they are cut; and what
/// comes out is sound: counts that are no nonsense, calls with names of their own.
///
/// The first byte of the input says which form it is and how long the pieces are.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzModelStream(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    guard let first = input.first else { return 0 }
    let forms = RecordedAnswer.Form.allCases
    let form = forms[Int(first) % forms.count]
    let bytes = Array(input.dropFirst())
    let whole = RecordedAnswer.stream([bytes], form: form)
    let length = Int(first) / forms.count + 1
    let pieces = stride(from: 0, to: bytes.count, by: length).map { place in
        Array(bytes[place..<min(place + length, bytes.count)])
    }
    let cut = RecordedAnswer.stream(pieces, form: form)
    precondition(cut == whole, "the answer depends on where the bytes were cut")
    check(whole)
    check(RecordedAnswer.whole(bytes, form: form))
    return 0
}

private func check(_ result: Result<ModelResponse, ModelError>) {
    let usage: TokenUsage?
    switch result {
    case .success(let response):
        usage = response.usage
        let ids = response.message.toolCalls.map(\.id)
        precondition(Set(ids).count == ids.count, "two calls have one identifier")
        precondition(!ids.contains(""), "a call has no identifier")
    case .failure(let error):
        usage = error.usage
        precondition(error.message.count <= 500, "an error is too long")
    }
    guard let usage else { return }
    precondition(usage.inputTokens >= 0 && usage.outputTokens >= 0, "a count is negative")
    precondition(usage.cacheReadTokens + usage.cacheWriteTokens <= usage.inputTokens, "a part is more than the whole")
    precondition(usage.reasoningTokens <= usage.outputTokens, "a part is more than the whole")
}
