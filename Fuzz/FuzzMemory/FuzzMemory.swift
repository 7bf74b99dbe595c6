import SpotterDomain

/// Gives bytes to what judges memory's keys, and to the notes that stand before a user's words.
///
/// Whatever comes in, a key is taken or refused at its field; and no text within a note can end it or begin another.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMemory(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    checkKey(text)
    for note in ContextNote.allCases { check(note, around: text) }
    return 0
}

private func checkKey(_ key: String) {
    do {
        try MemoryEntry.check(key: key)
        precondition((1...128).contains(key.utf8.count) && key.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    } catch let error as SpotterError {
        precondition(error.issues.first?.pointer == "/key")
    } catch {
        preconditionFailure("\(error)")
    }
}

private func check(_ note: ContextNote, around text: String) {
    let wrapped = note.wrap(text)
    precondition(ContextNote.isNote(wrapped))
    let inside = wrapped.utf8.dropFirst(note.rawValue.utf8.count + 2).dropLast(note.rawValue.utf8.count + 3)
    let body = String(decoding: inside, as: UTF8.self)
    for other in ContextNote.allCases {
        precondition(!body.contains("<\(other.rawValue)>") && !body.contains("</\(other.rawValue)>"))
    }
}
