import Foundation
import SpotterDomain
import Synchronization
import Testing

struct IdentifierTests {
    enum Plain: IdentifierKind { static let prefix = "" }
    enum Prefixed: IdentifierKind { static let prefix = "prefix" }
    enum Underscored: IdentifierKind { static let prefix = "pre_fix" }

    /// The vectors of the TypeID specification 0.3.0 (jetify-com/typeid, spec/valid.yml).
    static let valid: [(String, String, String)] = [
        ("", "00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
        ("", "00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
        ("", "0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
        ("", "0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
        ("", "00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
        ("", "7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("prefix", "prefix_0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
        ("prefix", "prefix_01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
        ("pre_fix", "pre_fix_00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
    ]

    @Test(arguments: valid)
    func `the specification's valid ids are read and written`(_ prefix: String, _ text: String, _ hex: String) throws {
        let uuid = try #require(UUID(uuidString: hex))
        switch prefix {
        case "": try check(Identifier<Plain>.self, text, uuid)
        case "prefix": try check(Identifier<Prefixed>.self, text, uuid)
        default: try check(Identifier<Underscored>.self, text, uuid)
        }
    }

    private func check<Kind>(_ type: Identifier<Kind>.Type, _ text: String, _ uuid: UUID) throws {
        #expect(Identifier<Kind>(text)?.uuid == uuid)
        #expect(Identifier<Kind>(uuid).description == text)
    }

    /// spec/invalid.yml of the same version.
    @Test(arguments: [
        "PREFIX_00000000000000000000000000", "12345_00000000000000000000000000", "pre.fix_00000000000000000000000000",
        "préfix_00000000000000000000000000", "  prefix_00000000000000000000000000",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl_00000000000000000000000000",
        "_00000000000000000000000000", "_", "prefix_1234567890123456789012345", "prefix_123456789012345678901234567",
        "prefix_1234567890123456789012345 ", "prefix_0123456789ABCDEFGHJKMNPQRS", "prefix_123456789-123456789-123456",
        "prefix_ooooooiiiiiiuuuuuuulllllll", "prefix_i23456789ol23456789oi23456", "prefix_123456789-0123456789-0123456",
        "prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz", "_prefix_00000000000000000000000000", "prefix__00000000000000000000000000",
        "", "prefix", "prefix_", "prefix-00000000000000000000000000", "other_00000000000000000000000000",
    ])
    func `the specification's invalid ids are refused`(_ text: String) {
        #expect(Identifier<Prefixed>(text) == nil)
        #expect(Identifier<Plain>(text) == nil)
        #expect(Identifier<Underscored>(text) == nil)
    }

    @Test func `thousands of random ids survive writing and reading`() {
        for _ in 0..<5_000 {
            let id = AgentID(UUID())
            #expect(AgentID(id.description) == id)
        }
    }

    @Test func `an id of another noun is never taken`() {
        let id: AgentID = RandomIDGenerator().id(at: Date())
        #expect(ConversationID(id.description) == nil)
        #expect(throws: SpotterError.self) {
            try JSONValue.string(id.description).decodedUnchecked(as: ConversationID.self)
        }
    }

    // MARK: UUIDv7

    private func bytes(_ uuid: UUID) -> [UInt8] { withUnsafeBytes(of: uuid.uuid, Array.init) }

    @Test func `a new id has version, variant and time`() {
        let now = Date(timeIntervalSince1970: 1_795_248_000.123)
        let generator = RandomIDGenerator()
        let bytes = bytes(generator.uuid(at: now))
        #expect(bytes[6] >> 4 == 7 && bytes[8] >> 6 == 0b10)
        let milliseconds = bytes[..<6].reduce(0) { $0 << 8 | UInt64($1) }
        #expect(milliseconds == 1_795_248_000_123)
        #expect(self.bytes(generator.uuid(at: Date(timeIntervalSince1970: -5)))[6] >> 4 == 7)
    }

    @Test func `ids rise strictly, within a millisecond and when the clock goes back`() {
        let generator = RandomIDGenerator()
        var last = AgentID(generator.uuid(at: Date(timeIntervalSince1970: 1_000)))
        for index in 0..<20_000 {
            let wobble = index % 3 == 0 ? -5.0 : 0
            let next = AgentID(generator.uuid(at: Date(timeIntervalSince1970: 1_000 + wobble)))
            #expect(last < next)
            last = next
        }
    }

    @Test func `many tasks never get the same id, and each sees its own rise`() async {
        let generator = RandomIDGenerator()
        let now = Date(timeIntervalSince1970: 1_795_248_000)
        let all = await withTaskGroup(of: [AgentID].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<2_000).map { _ in AgentID(generator.uuid(at: now)) } }
            }
            var all: Set<AgentID> = []
            for await ids in group {
                #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
                all.formUnion(ids)
            }
            return all
        }
        #expect(all.count == 16_000)
    }

    @Test func `the text sorts as the id does`() {
        let generator = RandomIDGenerator()
        let ids = (0..<200).map { AgentID(generator.uuid(at: Date(timeIntervalSince1970: Double($0) * 977))) }
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(ids == ids.sorted())
    }
}
