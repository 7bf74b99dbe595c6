import SpotterDomain
import Testing

struct ToolSchemaFormatTests {
    private let tool = ToolDescription(
        name: "ping", summary: "Says pong.",
        parameters: .object([.init("loud", JSONSchema(.boolean), isRequired: false), .init("who", JSONSchema(.string))])
    )

    @Test func `OpenAI's form wraps the function`() {
        #expect(
            tool.json(for: .openai).description == """
                {"type":"function","function":{"name":"ping","description":"Says pong.","parameters":{"type":"object",\
                "properties":{"loud":{"type":"boolean"},"who":{"type":"string"}},"required":["who"],\
                "additionalProperties":false}}}
                """)
    }

    @Test func `Anthropic's form is flat`() {
        #expect(
            tool.json(for: .anthropic).description == """
                {"name":"ping","description":"Says pong.","input_schema":{"type":"object","properties":\
                {"loud":{"type":"boolean"},"who":{"type":"string"}},"required":["who"],"additionalProperties":false}}
                """)
    }

    @Test func `a tool without arguments still has an object for them`() {
        let bare = ToolDescription(name: "now", summary: "The time.", parameters: .object([]))
        #expect(
            bare.json(for: .anthropic)["input_schema"] == [
                "type": "object", "properties": [:], "additionalProperties": false,
            ])
    }

    @Test func `formats are found by the names in the API`() {
        #expect(
            ToolSchemaFormat(rawValue: "openai") == .openai && ToolSchemaFormat(rawValue: "anthropic") == .anthropic)
        #expect(ToolSchemaFormat(rawValue: "OpenAI") == nil)
    }
}
