import SpotterDomain
import SpotterProviders
import Testing

/// Answers of a wanted form, by the words of what is asked alone.
struct StructuredOfflineTests {
    private static let review = try? JSONSchema(declared: [
        "type": "object", "required": ["sentiment", "score", "labels"],
        "properties": [
            "sentiment": ["type": "string", "enum": ["positive", "neutral", "negative"]],
            "score": ["type": "number", "minimum": 0, "maximum": 1],
            "labels": ["type": "array", "items": ["type": "string"], "maxItems": 20],
        ],
    ])

    private static func answer(_ text: String, _ schema: JSONSchema?) throws -> JSONValue {
        var request = OfflineFixtures.request([.user(text)])
        request.responseSchema = try ResponseSchema(name: "answer", schema: #require(schema))
        let said = OfflineModel().answer(request).message.text
        let value = try JSONParser.parse(said)
        #expect(try #require(schema).issues(in: value).isEmpty, "\(said)")
        return value
    }

    @Test(arguments: [
        ("I love the classes, the trainers are friendly and helpful!", "positive", ["classes", "trainers"]),
        (
            "The showers were dirty and the staff rude. I want a refund.", "negative",
            ["refund", "staff", "cleanliness"]
        ),
        ("The class was not good.", "negative", ["classes"]), ("I come on Tuesdays.", "neutral", []),
    ])
    func `a review is judged by its words`(_ text: String, _ sentiment: String, _ labels: [String]) throws {
        let value = try Self.answer("Judge what is good or bad.\n\n\(text)", Self.review)
        #expect(value["sentiment"]?.string == sentiment)
        #expect(value["labels"]?.array?.compactMap(\.string) == labels)
        let score = try #require(value["score"]?.double)
        #expect(sentiment == "positive" ? score > 0.6 : sentiment == "negative" ? score < 0.4 : score == 0.5)
    }

    @Test func `the texts of an input count, its names do not`() throws {
        let value = try Self.answer("Judge.\n\nWhat do they say?\n\nInput:\n{\"bad\": \"Great place\"}", Self.review)
        #expect(value["sentiment"] == "positive")
    }

    @Test func `values, flags, figures and texts come from what is said`() throws {
        let schema = try JSONSchema(declared: [
            "type": "object", "required": ["plan", "wants_trial", "stars", "email", "about"],
            "properties": [
                "plan": ["type": "string", "enum": ["basic", "premium", "other"]], "wants_trial": ["type": "boolean"],
                "stars": ["type": "integer", "minimum": 1, "maximum": 5],
                "email": ["type": "string", "format": "email"], "about": ["type": "string", "maxLength": 24],
                "note": ["type": "string", "format": "date-time"],
            ],
        ])
        let text = "She wants a premium trial and loved the tour, ana@example.com. Call soon."
        let value = try Self.answer(text, schema)
        #expect(
            value == [
                "plan": "premium", "wants_trial": true, "stars": 5, "email": "ana@example.com",
                "about": "She wants a premium tria",
            ])
    }

    @Test(
        arguments: [
            ["type": "integer", "maximum": 1e20], ["type": "integer", "maximum": .int(.max)],
            ["type": "integer", "minimum": -1e308, "maximum": 1e308],
            ["type": "number", "minimum": -1e308, "maximum": 1e308],
        ] as [JSONValue])
    func `a form without bounds in reason ends nothing`(_ form: JSONValue) throws {
        let schema = try JSONSchema(declared: ["type": "object", "required": ["n"], "properties": ["n": form]])
        for text in ["I love it.", "I hate it.", "I come on Tuesdays."] {
            var request = OfflineFixtures.request([.user(text)])
            request.responseSchema = try ResponseSchema(name: "answer", schema: schema)
            #expect(!OfflineModel().answer(request).message.text.isEmpty)
        }
    }

    @Test func `what the words do not hold is not made up`() throws {
        let schema = try JSONSchema(declared: [
            "type": "object", "required": ["email"], "properties": ["email": ["type": "string", "format": "email"]],
        ])
        var request = OfflineFixtures.request([.user("Who is it?")])
        request.responseSchema = try ResponseSchema(name: "answer", schema: schema)
        #expect(throws: (any Error).self) { try JSONParser.parse(OfflineModel().answer(request).message.text) }
    }
}
