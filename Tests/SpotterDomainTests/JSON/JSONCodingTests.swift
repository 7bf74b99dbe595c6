import Foundation
import SpotterDomain
import Testing

/// Swift types to JSON and back.
struct JSONCodingTests {
    enum Colour: String, Codable, CaseIterable, SchemaDescribed { case darkRed = "dark_red", blue }

    struct Inner: Codable, Hashable {
        var isOn: Bool
        var someValues: [Int]
    }

    struct Outer: Codable, Hashable {
        var displayName: String
        var count: Int
        var ratio: Double
        var small: UInt8?
        var big: Int64
        var colour: Colour
        var madeAt: Date
        var notes: String?
        var inner: Inner
        var maybeInner: Inner?
        var rows: [[Inner]]
        var labels: [String: String]
        var scores: [String: Int]
        var anything: JSONValue
        var maybeAnything: JSONValue?
        var list: [JSONValue]
        var id: AgentID
        var baseURL: String?
    }

    private let outer = Outer(
        displayName: "A \"B\"\n😀", count: -7, ratio: 0.25, small: 255, big: .max, colour: .darkRed,
        madeAt: Date(timeIntervalSince1970: 1_795_248_000.125), notes: nil, inner: Inner(isOn: true, someValues: []),
        maybeInner: Inner(isOn: false, someValues: [1, 2]), rows: [[], [Inner(isOn: true, someValues: [3])]],
        labels: ["camelKey": "v", "with space": "", "ä": "ö"], scores: ["camelKey": 1],
        anything: ["camelKey": [1, nil]], maybeAnything: nil, list: [1, "a", nil, ["x": 1]], id: AgentID.sample,
        baseURL: nil)

    @Test func `a value comes back as it was`() throws {
        let bytes = try JSONWriter.encode(outer)
        #expect(try JSONParser.parse(bytes).decoded(as: Outer.self) == outer)
        #expect(try JSONValue(encoding: outer).decodedUnchecked(as: Outer.self) == outer)
    }

    @Test func `names are snake_case, dates RFC 3339, absent optionals left out`() throws {
        let json = try JSONValue(encoding: outer)
        #expect(
            json.object?.keys == [
                "display_name", "count", "ratio", "small", "big", "colour", "made_at", "inner", "maybe_inner", "rows",
                "labels", "scores", "anything", "list", "id",
            ])
        #expect(json["made_at"] == "2026-11-21T08:00:00.125Z")
        #expect(json["colour"] == "dark_red")
        #expect(json["inner"] == ["is_on": true, "some_values": []])
        #expect(json["id"]?.string?.hasPrefix("agent_") == true)
    }

    @Test func `the names in dictionaries belong to their users and stay as they are`() throws {
        let json = try JSONValue(encoding: outer)
        #expect(json["labels"] == ["camelKey": "v", "with space": "", "ä": "ö"])
        #expect(json["scores"] == ["camelKey": 1])
        #expect(json["anything"]?["camelKey"] == [1, nil])
        #expect(json["labels"]?.object?.keys == ["camelKey", "with space", "ä"])
    }

    @Test func `a type without members is an empty object`() throws {
        struct Empty: Codable {}
        struct Holder: Codable { var empty = Empty() }
        #expect(try JSONValue(encoding: Empty()) == [:])
        #expect(try JSONValue(encoding: Holder()) == ["empty": [:]])
        #expect(throws: Never.self) { try JSONValue.object(JSONObject()).decodedUnchecked(as: Empty.self) }
    }

    @Test func `values that are not objects are written, too`() throws {
        #expect(try JSONValue(encoding: [1, 2]) == [1, 2])
        #expect(try JSONValue(encoding: "a") == "a")
        #expect(try JSONValue(encoding: true) == true)
        #expect(try JSONValue(encoding: 1.5 as Float) == 1.5)
        #expect(try JSONValue(encoding: UInt64(7)) == 7)
        #expect(try JSONValue(encoding: [String]()) == [])
        #expect(try JSONValue(encoding: Optional<Int>.none as Int?) == nil)
        #expect(try JSONValue(encoding: [Optional(1), nil]) == [1, nil])
    }

    @Test func `an optional may be absent or null`() throws {
        struct Form: Codable, Hashable { var a: Int?; var b: Inner?; var c: [Int]? }
        #expect(try JSONValue(dictionaryLiteral: ("a", nil), ("c", nil)).decoded(as: Form.self) == Form())
    }

    @Test(
        arguments: [
            (["count": "1"], "/count"), (["count": 1.5], "/count"), (["count": nil], "/count"),
            (["inner": ["is_on": 1]], "/inner/is_on"), (["rows": [[1]]], "/rows/0/0"), (["small": 256], "/small"),
            (["made_at": "yesterday"], "/made_at"), (["labels": ["a": 1]], "/labels"), (["id": "x"], "/id"),
            (["scores": ["camelKey": "x"]], "/scores/camelKey"),
        ] as [(JSONValue, String)])
    func `what does not fit is named by its place, also without the schema`(_ patch: JSONValue, _ pointer: String)
        throws
    {
        // A merge patch removes nulls, so that one is set by hand.
        var json = try #require(JSONValue(encoding: outer).object)
        for (key, value) in try #require(patch.object) { json[key] = value }
        let error = try #require(throws: SpotterError.self) {
            try JSONValue.object(json).decodedUnchecked(as: Outer.self)
        }
        #expect(error.code == .invalid)
        #expect(error.issues.map(\.pointer) == [pointer])
    }

    @Test func `a missing member is named`() throws {
        let error = try #require(throws: SpotterError.self) {
            try JSONValue(dictionaryLiteral: ("is_on", true)).decodedUnchecked(as: Inner.self)
        }
        #expect(error.issues == [FieldIssue(pointer: "/some_values", message: "is required")])
    }

    @Test func `a message's parts come back as they were`() throws {
        let call = ToolCall(id: "1", name: "x", arguments: ["camelKey": 1])
        let result = ToolResult(callId: "1", name: "x", output: ["a": nil], isError: true, durationMs: 3)
        let message = ModelMessage(
            role: .assistant,
            parts: [
                .text("a"), .thinking("b", signature: "s", provider: "p"),
                .thinking("b", signature: nil, provider: "p"),
                .redactedThinking("c", provider: "p"), .toolCall(call), .toolResult(result),
            ])
        #expect(try JSONValue(encoding: message).decodedUnchecked(as: ModelMessage.self) == message)
        let odd: JSONValue = ["role": "user", "parts": [["type": "hologram"]]]
        #expect(throws: SpotterError.self) { try odd.decodedUnchecked(as: ModelMessage.self) }
    }
}
