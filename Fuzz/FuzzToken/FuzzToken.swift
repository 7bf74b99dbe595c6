import SigningKit

/// Gives bytes to everything that reads a token, a key or a sealed value from outside.
///
/// Nothing traps, nothing made up is believed, and what is read has the one text that it was read from.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzToken(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzzToken(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

private func fuzzToken(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    fuzzPrinted(text)
    fuzzScanner(bytes)
    if let decoded = try? Base64URL.decode(text) { precondition(Base64URL.encode(decoded) == text) }
    if let parsed = try? KeyRing(parsing: text), let written = try? parsed.text() {
        precondition((try? KeyRing(parsing: written).keyIDs) == parsed.keyIDs)
    }
    if let ring = try? SealingRing(parsing: text) {
        let again = try? SealingRing(parsing: ring.text)
        precondition(again?.keyIDs == ring.keyIDs && again?.text == ring.text)
        let sealed = try? ring.seal(bytes, associatedData: [])
        precondition(sealed.flatMap { try? again?.open($0, associatedData: []) } == bytes)
    }
    if let box = try? SealedBox(serialized: bytes) {
        precondition(box.serialized == bytes)
        precondition((try? keys?.sealing.open(box)) == nil)
    }
}

/// However the bytes are cut, the same is found; and a token among them is found.
private func fuzzScanner(_ bytes: [UInt8]) {
    var (whole, cut) = (LeakScanner(prefix: "spotter"), LeakScanner(prefix: "spotter"))
    let found = whole.scan(bytes) + whole.finish()
    var pieces: [LeakScanner.Finding] = []
    for byte in bytes { pieces += cut.scan(CollectionOfOne(byte)) }
    pieces += cut.finish()
    precondition(found == pieces)
    guard let signed = try? keys?.ring.sign(Array("{}".utf8)),
        let printed = try? PrintedToken(signed, prefix: "spotter", kind: .live)
    else { return }
    var scanner = LeakScanner(prefix: "spotter")
    let padded = scanner.scan(bytes + [0x0A] + Array(printed.text.utf8) + [0x0A] + bytes) + scanner.finish()
    precondition(padded.contains { $0.masked == printed.masked })
}

private func fuzzPrinted(_ text: String) {
    if let printed = try? PrintedToken.parse(text, prefix: "spotter") {
        precondition(printed.text.utf8.elementsEqual(text.utf8))
    }
    // Behind a good header and a mended checksum too, where random bytes would never come.
    for token in [text, PASETO.header + text] {
        precondition((try? keys?.ring.verify(token)) == nil)
        if let printed = try? PrintedToken(token, prefix: "spotter", kind: .live) {
            precondition((try? PrintedToken.parse(printed.text, prefix: "spotter")) == printed)
        }
    }
}

/// Keys whose secrets nobody has: no input can hold a token or a value of theirs.
private let keys: (ring: KeyRing, sealing: SealingKey)? = {
    guard let ring = try? KeyRing(signingWith: Ed25519.SecretKey.generate()),
        let bytes = try? SecureRandom.bytes(32), let sealing = try? SealingKey(id: "k", bytes: bytes)
    else { return nil }
    return (ring, sealing)
}()
