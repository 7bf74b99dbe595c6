import SpotterDomain

/// Gives bytes to what makes words of texts and of searches.
///
/// Whatever comes in, words are bounded and never empty, a text is found by all of its own words, and a search is taken
/// or refused at its field.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSearch(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    let words = SearchWords.words(of: text)
    precondition(words.count <= SearchWords.most && Set(words).count == words.count)
    precondition(words.allSatisfy { !$0.isEmpty && $0.count <= SearchWords.longest })
    do {
        let wanted = try SearchWords.wanted(text)
        precondition(wanted.count <= SearchWords.mostWanted && SearchWords.matches(text, wanted))
    } catch let error as SpotterError {
        precondition(error.issues.first?.pointer == "/q")
    } catch {
        preconditionFailure("\(error)")
    }
    return 0
}
