import Foundation
import SpotterDomain
import Testing

struct JSONSchemaTests {
    enum Mode: String, Codable, CaseIterable, SchemaDescribed { case fast, slow }

    struct Item: Codable { var itemName: String; var weight: Double? }

    struct Body: Codable, FieldsDescribed {
        var title: String
        var pageSize: Int?
        var mode: Mode
        var tags: [String]?
        var items: [Item]
        var due: Date?
        var flags: [String: Bool]?
        var owner: Item?
        var extra: JSONValue?
        var agentId: AgentID?

        static let fields: [String: Field] = [
            "title": Field("What it is called.", length: 1...5, example: "x"),
            "page_size": Field("Rows.", range: 1...200),
            "tags": Field("Words.", count: 0...2),
        ]
    }

    private let schema = JSONSchema.derived(from: Body.self)

    // MARK: Derivation

    @Test func `members, their kinds and what is required follow from the type`() {
        #expect(
            schema.properties.map(\.name) == [
                "title", "page_size", "mode", "tags", "items", "due", "flags", "owner", "extra", "agent_id",
            ])
        #expect(schema.properties.filter(\.isRequired).map(\.name) == ["title", "mode", "items"])
        #expect(schema["mode"]?.schema.values == ["fast", "slow"])
        #expect(schema["items"]?.schema.elements.first?["item_name"]?.isRequired == true)
        #expect(schema["items"]?.schema.elements.first?["weight"]?.isRequired == false)
        #expect(schema["owner"]?.schema.kind == .object)
        #expect(schema["due"]?.schema.format == "date-time")
        #expect(schema["extra"]?.schema.kind == .any)
        #expect(schema["agent_id"]?.schema.pattern?.hasPrefix("^agent_") == true)
    }

    @Test func `meaning and bounds come from the fields`() {
        #expect(schema["title"]?.schema.description == "What it is called.")
        #expect(schema["title"]?.schema.maximumLength == 5)
        #expect(schema["page_size"]?.schema.minimum == 1)
        #expect(schema["tags"]?.schema.maximumCount == 2)
        #expect(schema["title"]?.schema.example == "x")
    }

    @Test func `the schema reads as JSON Schema, the same bytes every time`() {
        let json = schema.json
        #expect(json["type"] == "object")
        #expect(json["required"] == ["title", "mode", "items"])
        #expect(json["additionalProperties"] == false)
        #expect(
            json["properties"]?["title"] == [
                "type": "string", "description": "What it is called.", "minLength": 1, "maxLength": 5,
                "examples": ["x"],
            ])
        #expect(json["properties"]?["flags"] == ["type": "object", "additionalProperties": ["type": "boolean"]])
        #expect(json["properties"]?["extra"] == [:])
        #expect(json["properties"]?["items"]?["items"]?["required"] == ["item_name"])
        #expect(JSONSchema.derived(from: Body.self).json.description == json.description)
    }

    @Test func `a patch requires nothing and null removes`() {
        let patch = schema.asPatch
        #expect(patch.issues(in: [:]).isEmpty)
        #expect(patch.issues(in: ["title": nil, "mode": nil]).isEmpty)
        #expect(patch.issues(in: ["title": ""]).map(\.pointer) == ["/title"])
        #expect(patch.json["properties"]?["mode"]?["enum"] == ["fast", "slow", nil])
        #expect(patch.json["properties"]?["title"]?["type"] == ["string", "null"])
        #expect(patch.json["required"] == nil)
        #expect(schema.issues(in: ["title": nil, "mode": "fast", "items": []]).map(\.pointer) == ["/title"])
    }

    @Test func `many tasks may derive at once`() async {
        struct Fresh: Codable { var a: Int; var b: [Item] }
        await withTaskGroup(of: JSONSchema.self) { group in
            for _ in 0..<50 { group.addTask { JSONSchema.derived(from: Fresh.self) } }
            for await schema in group { #expect(schema.properties.map(\.name) == ["a", "b"]) }
        }
    }

    // MARK: Validation

    static let wrong: [(JSONValue, String, String)] = [
        (["title": ""], "/title", "must not be empty"),
        (["title": "sixsix"], "/title", "must have at most 5 characters"),
        (["title": 1], "/title", "must be a string, not an integer"),
        (["title": nil], "/title", "must be a string, not null"),
        (["page_size": 0], "/page_size", "must be at least 1"),
        (["page_size": 201], "/page_size", "must be at most 200"),
        (["page_size": 1.5], "/page_size", "must be an integer, not a number"),
        (["page_size": 9e99], "/page_size", "must be an integer, not a number"),
        (["page_size": "5"], "/page_size", "must be an integer, not a string"),
        (["mode": "fats"], "/mode", "must be one of fast, slow; did you mean \"fast\"?"),
        (["mode": "sideways"], "/mode", "must be one of fast, slow"),
        (["mode": 1], "/mode", "must be one of fast, slow, not an integer"),
        (["tags": ["a", "b", "c"]], "/tags", "must have at most 2 elements"),
        (["tags": "a"], "/tags", "must be an array, not a string"),
        (["tags": [1]], "/tags/0", "must be a string, not an integer"),
        (["items": [["item_name": "a"], [:]]], "/items/1/item_name", "is required"),
        (["items": [["item_name": "a", "wieght": 1]]], "/items/0/wieght", "unknown field; did you mean \"weight\"?"),
        (["items": [7]], "/items/0", "must be an object, not an integer"),
        (["due": "21.11.2026"], "/due", "must be an RFC 3339 time such as 2026-11-21T06:30:00Z"),
        (["flags": ["x": 1]], "/flags/x", "must be true or false, not an integer"),
        (["titel": "x"], "/titel", "unknown field; did you mean \"title\"?"), (["zzz": 1], "/zzz", "unknown field"),
        (["a/b~c": 1], "/a~1b~0c", "unknown field"),
    ]

    @Test(arguments: wrong)
    func `each rule broken is named with its place`(_ patch: JSONValue, _ pointer: String, _ message: String) throws {
        var body = try #require((["title": "ok", "mode": "fast", "items": []] as JSONValue).object)
        for (key, value) in try #require(patch.object) { body[key] = value }
        #expect(schema.issues(in: .object(body)) == [FieldIssue(pointer: pointer, message: message)])
    }

    @Test func `what is right has no issue, and an optional may be null`() {
        let body: JSONValue = [
            "title": "äöüßé", "mode": "slow", "items": [["item_name": "a", "weight": 1]], "page_size": 200.0,
            "tags": nil,
            "due": "2026-11-21T06:30:00+01:00", "flags": ["anything": true], "extra": [1, ["x": nil]],
        ]
        #expect(schema.issues(in: body).isEmpty)
    }

    @Test func `several issues are found at once, but never more than twenty`() throws {
        let issues = schema.issues(in: ["mode": "x", "page_size": 0])
        #expect(issues.map(\.pointer) == ["/mode", "/page_size", "/title", "/items"])
        var flood = JSONObject()
        for index in 0..<1_000 { flood["unknown_\(index)"] = 1 }
        #expect(schema.issues(in: .object(flood)).count == 20)
        let rows = JSONValue.array(Array(repeating: ["x": 1], count: 1_000))
        #expect(schema.issues(in: ["title": "a", "mode": "fast", "items": rows]).count == 20)
        #expect(schema.issues(in: "text").map(\.pointer) == [""])
    }

    @Test func `an error says the first issue in a sentence`() {
        let error = #expect(throws: SpotterError.self) {
            try (["mode": "fast", "items": []] as JSONValue).decoded(as: Body.self)
        }
        #expect(error?.message == "`/title` is required.")
        #expect(
            SpotterError.invalid([FieldIssue(pointer: "", message: "must be an object")]).message
                == "The value must be an object.")
    }
}
