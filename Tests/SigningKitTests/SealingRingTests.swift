import Testing

@testable import SigningKit

struct SealingRingTests {
    private let secret = Array("sk-provider-key".utf8)
    private let place = Array("here".utf8)

    @Test func `the first key seals and all keys open`() throws {
        let (new, old) = (try SealingRing.newLine(), try SealingRing.newLine())
        let before = try SealingRing(parsing: old)
        let ring = try SealingRing(parsing: "# the ring\n\n\(new)\r\n  \(old)   # until July\n")
        #expect(ring.keyIDs.count == 2)
        #expect(ring.sealingKeyID == ring.keyIDs.first)
        #expect(ring.keyIDs.last == before.sealingKeyID)
        let box = try ring.seal(secret, associatedData: place)
        #expect(box.keyID == ring.sealingKeyID)
        #expect(try ring.open(box, associatedData: place) == secret)
        #expect(try ring.open(before.seal(secret, associatedData: place), associatedData: place) == secret)
        #expect(throws: SigningError.unknownKey(id: ring.sealingKeyID)) {
            try before.open(box, associatedData: place)
        }
    }

    @Test func `a rotation puts a new key first, and keeps the others with their comments`() throws {
        let line = try SealingRing.newLine()
        let ring = try SealingRing(parsing: "# ours\n\(line) # since May\n")
        let rotated = try ring.rotated()
        #expect(rotated.keyIDs.count == 2)
        #expect(rotated.keyIDs.last == ring.sealingKeyID)
        let lines = rotated.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "# ours")
        #expect(lines.last == "\(line) # since May")
        let kept = try rotated.keeping([])
        #expect(kept.keyIDs == [rotated.sealingKeyID])
        #expect(try rotated.keeping([ring.sealingKeyID]).keyIDs == rotated.keyIDs)
    }

    @Test func `a ring's text reads back the same`() throws {
        let text = "# a\n\n\(try SealingRing.newLine()) # b\n"
        #expect(try SealingRing(parsing: text).text == text)
    }

    @Test func `an id follows from the key and tells nothing of it`() throws {
        let ring = try SealingRing.generate()
        #expect(try SealingRing(parsing: ring.text).sealingKeyID == ring.sealingKeyID)
        #expect(ring.sealingKeyID.wholeMatch(of: /seal-[A-Za-z0-9_\-]{16}/) != nil)
        var dumped = ""
        dump(ring, to: &dumped)
        for text in [dumped, "\(ring)", String(reflecting: ring)] {
            #expect(!text.contains(ring.text.dropFirst(8).prefix(12)))
        }
    }

    @Test func `a bad line is named and not repeated`() throws {
        let line = try SealingRing.newLine()
        for bad in [String(line.dropLast()), line + "A", line + "=", "\(line) \(line)", "key", "a256gcm.", "A" + line] {
            let error = #expect(throws: SigningError.self) { try SealingRing(parsing: "# first\n\(bad)\n") }
            let description = try #require(error).description
            #expect(description.hasPrefix("key ring, line 2: "))
            #expect(!description.contains(line.suffix(20)))
        }
    }

    @Test func `a key named twice is refused with both lines`() throws {
        let line = try SealingRing.newLine()
        #expect(throws: SigningError.keyRing(line: 3, reason: "the same key as in line 1")) {
            try SealingRing(parsing: "\(line)\n#\n\(line)")
        }
    }

    @Test(arguments: ["", "\n", "# only a comment"])
    func `a ring without a key is refused`(text: String) {
        #expect(throws: SigningError.keyRing(line: 1, reason: "no key in the file")) { try SealingRing(parsing: text) }
    }

    @Test func `a ring too long or too full is refused`() throws {
        #expect(throws: SigningError.tooLong(limit: 65536)) {
            try SealingRing(parsing: String(repeating: "#", count: 65537))
        }
        let keys = try (0..<64).map { _ in try SealingRing.newLine() }
        let full = try SealingRing(parsing: keys.joined(separator: "\n"))
        #expect(throws: SigningError.keyRing(line: 65, reason: "more than 64 keys")) { try full.rotated() }
    }
}
