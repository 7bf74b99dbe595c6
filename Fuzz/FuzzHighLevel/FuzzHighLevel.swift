import SpotterConnectors
import SpotterDomain

/// Any bytes are a contact, an opportunity or a message, or none; ids that come out can stand in a path, texts are no
/// longer than they may be, and a refusal is a sentence.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzHighLevel(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let read = RecordedHighLevelAnswer.read(Array(UnsafeBufferPointer(start: start, count: count)))
    for id in [read.contact?.id, read.opportunity?.id, read.opportunity?.contactId, read.message?.id] {
        guard let id else { continue }
        precondition(!id.isEmpty && id.utf8.count <= 128, "an id has a length that none has")
        precondition(!id.contains { "/?#%. ".contains($0) }, "an id could be another path")
    }
    precondition((read.contact?.tags.count ?? 0) <= 500, "there are too many labels")
    precondition((read.message?.body.count ?? 0) <= 10_000, "a text is too long")
    precondition(read.refusal.description.count <= 600, "a refusal is too long")
    return 0
}
