import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterProviders

/// Answers of a given form, by each provider's own means.
@Suite(.timeLimit(.minutes(5))) struct StructuredAnswerTests {
    private static func schema(isStrict: Bool = true) throws -> ResponseSchema {
        try ResponseSchema(
            name: "lead",
            schema: .object([
                .init("name", JSONSchema(.string)), .init("score", JSONSchema(.integer), isRequired: isStrict),
            ]))
    }

    private static func request(isStreaming: Bool, tools: [ToolDescription] = [.search]) throws -> ModelRequest {
        var request = ModelRequest.sample(isStreaming: isStreaming)
        request.responseSchema = try schema()
        request.tools = tools
        return request
    }

    /// What a provider says when it answers in the form: OpenAI as text, Anthropic as the call of a tool.
    private static func reply(_ format: ProviderDouble.Format, _ json: String) -> ProviderReply {
        format == .anthropic ? .call("final_answer", json) : .text(json)
    }

    @Test(arguments: everyWay)
    func `an answer of the form is a text that holds it, and the turn is at its end`(
        way: (ProviderDouble.Format, Bool)
    ) async throws {
        let json = #"{"name":"Ann","score":7}"#
        let fixture = try ProviderFixture(Self.reply(way.0, json))
        let response = try await fixture.complete(way.0, Self.request(isStreaming: way.1))
        #expect(response.message.toolCalls.isEmpty)
        #expect(response.stopReason == .endTurn)
        #expect(try Self.schema().read(response.message.text) == ["name": "Ann", "score": 7])
        let seen = fixture.deltas.values.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(seen.joined() == (way.1 ? json : ""))
        #expect(fixture.deltas.values.count == seen.count)
    }

    @Test(arguments: everyWay, [#"{"name":"Ann"}"#, #"{"name":"Ann","score":"many"}"#, "[]"])
    func `an answer of another form is an error that says what is wrong, with its usage`(
        way: (ProviderDouble.Format, Bool), json: String
    ) async throws {
        let fixture = try ProviderFixture(Self.reply(way.0, json), .text("never"))
        let error = await fixture.failure(way.0, try Self.request(isStreaming: way.1))
        #expect(error?.kind == .schemaMismatch)
        #expect(error?.isTransient == false)
        #expect(error?.usage?.inputTokens == 100)
        #expect(fixture.double.calls.count == 1)
    }

    @Test func `each format asks for the form in its own words`() async throws {
        let fixture = try ProviderFixture { call in
            Self.reply(call.format, #"{"name":"Ann","score":7}"#)
        }
        for format in ProviderDouble.Format.allCases {
            _ = try await fixture.complete(format, Self.request(isStreaming: false))
        }
        let schema = try Self.schema().schema.json
        let bodies = Dictionary(uniqueKeysWithValues: fixture.double.calls.map { ($0.format, $0.body) })
        let anthropic = bodies[.anthropic]
        #expect(anthropic?["tools"]?.array?.map { $0["name"]?.string } == ["search", "final_answer"])
        #expect(anthropic?["tools"]?[1]?["input_schema"] == schema)
        #expect(anthropic?["tool_choice"] == ["type": "any"])
        let form: JSONValue = ["name": "lead", "schema": schema, "strict": true]
        #expect(bodies[.openai]?["response_format"] == ["type": "json_schema", "json_schema": form])
        #expect(
            bodies[.responses]?["text"]
                == ["format": (["type": "json_schema"] as JSONValue).replacingMembers(with: form)])
    }

    @Test(arguments: [true, false])
    func `other tools come first, and an answer beside them waits`(isStreaming: Bool) async throws {
        let answer = ProviderAnswer(
            calls: [
                .init(id: "a", name: "search", arguments: "{}"),
                .init(id: "b", name: "final_answer", arguments: #"{"name":"Ann","score":7}"#),
            ])
        let fixture = try ProviderFixture(.answer(answer))
        let response = try await fixture.complete(.anthropic, Self.request(isStreaming: isStreaming))
        #expect(response.message.toolCalls.map(\.name) == ["search"])
        #expect(response.message.text.isEmpty)
        #expect(response.stopReason == .toolUse)
    }

    @Test func `the answer's tool never has the name of another, and alone it must be called`() throws {
        let own = ToolDescription(name: "final_answer", summary: "", parameters: JSONSchema(.object))
        #expect(AnthropicAnswerTool.name(for: try Self.request(isStreaming: false, tools: [own])) == "final_answer_2")
        let alone = try Self.request(isStreaming: false, tools: [])
        #expect(AnthropicRequest.body(alone)["tool_choice"] == ["type": "tool", "name": "final_answer"])
        #expect(AnthropicRequest.body(.sample())["tool_choice"] == nil)
    }

    @Test(arguments: everyWay)
    func `an answer that was cut is passed on with its reason`(way: (ProviderDouble.Format, Bool)) async throws {
        let reasons: [ProviderDouble.Format: String] = [
            .anthropic: "max_tokens", .openai: "length", .responses: "max_output_tokens",
        ]
        let fixture = try ProviderFixture(.answer(ProviderAnswer(text: #"{"na"#, stopReason: reasons[way.0])))
        let response = try await fixture.complete(way.0, Self.request(isStreaming: way.1))
        #expect(response.stopReason == .maxTokens)
    }

    @Test func `a form that providers would refuse is refused here`() throws {
        #expect(throws: SpotterError.self) { try ResponseSchema(name: "a b", schema: .object([])) }
        #expect(throws: SpotterError.self) { try ResponseSchema(name: "", schema: .object([])) }
        #expect(throws: SpotterError.self) { try ResponseSchema(name: "a", schema: JSONSchema(.array)) }
        #expect(try Self.schema().schema.isStrict)
        #expect(try !Self.schema(isStrict: false).schema.isStrict)
        #expect(!JSONSchema.dictionary(of: JSONSchema(.string)).isStrict)
    }
}
