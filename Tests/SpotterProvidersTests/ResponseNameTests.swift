import SpotterDomain
import SpotterProviders
import Testing

/// What providers call an answer, and why it ended, in their own words.
struct ResponseNameTests {
    @Test(arguments: [
        (
            RecordedAnswer.Form.anthropic,
            #"{"id":"msg_1","model":"m","content":[{"type":"text","text":"Hi"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#,
            "msg_1",
            "end_turn"
        ),
        (
            .chat,
            #"{"id":"chatcmpl-1","model":"m","choices":[{"message":{"content":"Hi"},"finish_reason":"length"}]}"#,
            "chatcmpl-1", "length"
        ),
        (
            .responses,
            #"{"id":"resp_1","model":"m","status":"incomplete","output":[],"incomplete_details":{"reason":"max_output_tokens"}}"#,
            "resp_1", "max_output_tokens"
        ),
    ])
    func `an answer keeps its id and the provider's word for its end`(
        _ form: RecordedAnswer.Form, _ body: String, _ id: String, _ reason: String
    ) throws {
        let response = try RecordedAnswer.whole(Array(body.utf8), form: form).get()
        #expect(response.responseId == id)
        #expect(response.finishReason == reason)
    }

    @Test(arguments: RecordedAnswer.Form.allCases)
    func `an answer without an id has none`(_ form: RecordedAnswer.Form) throws {
        let bodies: [RecordedAnswer.Form: String] = [
            .anthropic: #"{"content":[],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}"#,
            .chat: #"{"id":"","choices":[{"message":{},"finish_reason":"stop"}]}"#,
            .responses: #"{"status":"completed","output":[]}"#,
        ]
        let response = try RecordedAnswer.whole(Array((bodies[form] ?? "").utf8), form: form).get()
        #expect(response.responseId == nil)
    }
}
