import SpotterDomain
import Testing

/// Values with placeholders in their strings.
struct JSONTemplateTests {
    private static let scope = ExpressionScope([
        "vars": ["count": 3, "name": "Ana", "list": [1, 2], "none": nil], "input": ["ok": true],
    ])

    private func value(_ template: JSONValue) throws -> JSONValue {
        try JSONTemplate(checking: template).evaluate(in: Self.scope)
    }

    @Test(
        arguments: [
            ("{{vars.count}}", 3), ("{{ vars.list }}", [1, 2]), ("{{vars.none}}", nil), ("n = {{vars.count}}", "n = 3"),
            ("{{vars.name}}: {{vars.list}} {{input.ok}}", "Ana: [1,2] true"), ("plain", "plain"), ("", ""),
            ("{ not } one }}", "{ not } one }}"), ("{{{{x}}", "{{x}}"), ("{{ '}}' }}", "}}"),
            ("{{ \"a\\\"}}\" }}!", "a\"}}!"),
            (["a": ["{{vars.count + 1}}", "b"], "c": true], ["a": [4, "b"], "c": true]), (["{{{{"], ["{{"]), (5, 5),
            ("ä {{vars.name}} ö", "ä Ana ö"),
        ] as [(JSONValue, JSONValue)])
    func `placeholders become values`(_ template: JSONValue, _ wanted: JSONValue) throws {
        #expect(try value(template) == wanted)
    }

    @Test func `mistakes have the pointer of their string and the place in it`() {
        do {
            _ = try JSONTemplate(checking: ["a": ["x", "äb {{ 1 + }}"], "b/c": "{{", "d": "{{}}", "e": "{{vars.x"])
            Issue.record("must not be read")
        } catch {
            #expect(error.issues.map(\.pointer) == ["/a/1", "/b~1c", "/d", "/e"])
            #expect(error.issues[0].message == "has a mistake at character 11: a value was expected, not the end")
            #expect(error.issues[1].message.contains("at character 1: the placeholder that begins here does not end"))
        }
    }

    @Test func `what fails says where`() throws {
        let template = try JSONTemplate(checking: ["a": ["n: {{ vars.count / 0 }}"]])
        do {
            _ = try template.evaluate(in: Self.scope)
            Issue.record("must not have a value")
        } catch {
            #expect(error.pointer == "/a/0")
            #expect(error.error.code == .divisionByZero)
            #expect(error.description == "`/a/0` at character 18: must not divide by zero")
        }
    }

    @Test func `a literal stays as it is`() throws {
        let template = JSONTemplate.literal(["a": "{{vars.count}}"])
        #expect(try template.evaluate(in: Self.scope) == ["a": "{{vars.count}}"])
        #expect(try JSONTemplate(checking: ["a": 1]).literalValue == ["a": 1])
        #expect(try JSONTemplate(checking: ["a": "{{1}}"]).literalValue == nil)
    }

    @Test func `a value that grows round by round is stopped by its size or its depth`() throws {
        let (wider, deeper) = (
            try JSONTemplate(checking: "{{ [vars.x, vars.x] }}"), try JSONTemplate(checking: "{{ [vars.x] }}")
        )
        for template in [wider, deeper] {
            var x: JSONValue = "0123456789"
            var rounds = 0
            #expect(throws: TemplateError.self) {
                while rounds < 1_000 {
                    x = try template.evaluate(in: ExpressionScope(["vars": ["x": x]]))
                    rounds += 1
                }
            }
            #expect(rounds > 5 && rounds < 70)
        }
    }

    @Test func `deep templates are refused`() {
        var value: JSONValue = "{{1}}"
        for _ in 0..<100 { value = [value] }
        #expect(throws: TemplateIssues.self) { try JSONTemplate(checking: value) }
    }
}
