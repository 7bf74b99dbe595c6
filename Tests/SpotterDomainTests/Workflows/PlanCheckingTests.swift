import SpotterDomain
import Testing

/// What is refused in plans, and what they become.
struct PlanCheckingTests {
    private func read(_ text: String) throws -> PlanOrder {
        try JSONParser.parse(text).decoded(as: PlanOrder.self)
    }

    private func issues(_ text: String) -> [String] {
        do {
            _ = try read(text).checked(
                knowing: WorkflowVocabulary(
                    agents: ["tutor"], offers: ["tutor": ["grade"]], tools: ["get": .object([])]))
            return []
        } catch { return (error as? SpotterError)?.issues.map { "\($0.pointer) \($0.message)" } ?? ["\(error)"] }
    }

    private func step(_ id: String, _ dependencies: String = "", content: String = "x") -> String {
        let names = dependencies.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
        return #"{"id": "\#(id)", "agent": "tutor", "input": {"content": "\#(content)"}, "dependencies": [\#(names)]}"#
    }

    private func plan(_ steps: String..., rest: String = "") -> String {
        #"{"steps": [\#(steps.joined(separator: ", "))]\#(rest)}"#
    }

    @Test func `a plan becomes tasks and dependencies become edges`() throws {
        let text = plan(
            step("a-1"), step("b.2", "a-1", content: #"{{steps[\"a-1\"].data.text}} {{input.q}}"#),
            #"{"id": "c", "tool": "get", "dependencies": ["a-1", "b.2"], "retry_policy": {"max_retries": 2, "backoff": "fixed"}}"#,
            rest: #", "parallel": false, "timeout_ms": 500, "id": "p", "input": {"q": 1}"#)
        let workflow = try read(text).checked()
        #expect(workflow.nodes.map(\.id) == ["a-1", "b.2", "c"])
        #expect(workflow.maxParallel == 1)
        #expect(workflow.timeout == .milliseconds(500))
        #expect(workflow.incoming.map(\.count) == [0, 1, 2])
        #expect(workflow.nodes[2].retries == RetryPolicy(maxAttempts: 3, backoffMs: 1_000, backoff: .fixed))
        #expect(workflow.nodes[2].action == .tool(name: "get", arguments: .literal([:])))
    }

    @Test func `circles are told by the way round`() {
        #expect(
            issues(plan(step("a", "c"), step("b", "a"), step("c", "b"), step("d", "c"))) == [
                "/steps/0/dependencies of step a go round in a circle: a needs c needs b needs a"
            ])
        #expect(issues(plan(step("a", "a"))).head.contains("a needs a"))
    }

    @Test func `unknown, double and ill-named steps are found`() {
        #expect(
            issues(plan(step("alpha"), step("beta", "alhpa"))) == [
                #"/steps/1/dependencies/0 of step beta must be the id of a step, which "alhpa" is not; did you mean "alpha"?"#
            ])
        #expect(issues(plan(step("a"), step("a"))) == ["/steps/1/id must be unique: step 0 is called a as well"])
        #expect(issues(plan(step("a"), step("b", "a a"))) == ["/steps/1/dependencies/1 of step b is there twice: a"])
        #expect(issues(plan(step("a b"))).head.hasPrefix("/steps/0/id must be 1 to 64 letters"))
        #expect(issues(#"{"steps": []}"#).head.hasPrefix("/steps must have at least 1"))
        #expect(
            issues(plan(step("a"), rest: #", "paralel": true"#)) == [
                #"/paralel unknown field; did you mean "parallel"?"#
            ])
        #expect(issues(plan(step("a"), rest: #", "input": 5"#)) == ["/input must be an object, not an integer"])
        #expect(
            issues(plan(#"{"id": "a"}"#)).head
                == "/steps/0 of step a must have exactly one of agent_id, agent, capability and tool")
        #expect(
            issues(plan(#"{"id": "a", "tool": "get", "input": {"x": 1}}"#)).head
                == "/steps/0/input/x unknown field of step a")
        #expect(
            issues(plan(#"{"id": "a", "agent": "tutor", "action": "zap"}"#)) == [
                #"/steps/0/action of step a must be `message` or something that the agent offers, which "zap" is not"#
            ])
        #expect(issues(plan(#"{"id": "a", "agent": "tutor", "action": "grade"}"#)) == [])
        #expect(
            issues(plan(#"{"id": "a", "agent": "tutro", "input": {"content": "x"}}"#)).head.contains(
                "/steps/0/agent of step a"))
    }

    @Test func `a step can name only what it depends on`() {
        #expect(
            issues(plan(step("a"), step("b", "", content: "{{steps.a.data}}"))) == [
                "/steps/1/input/content of step b has a mistake at character 3: the step a cannot have run before: no way leads from it to here"
            ])
        #expect(issues(plan(step("a"), step("b", "a"), step("c", "b", content: "{{steps.a.data}}"))) == [])
        #expect(
            issues(plan(step("a"), step("b", "a", content: "{{nodes.a.output}}"))).head.contains(
                "there are input, steps"))
        #expect(
            issues(plan(step("a"), step("b", "a", content: "{{vars.a}}"))).head.contains("there is nothing called vars")
        )
        #expect(
            issues(plan(step("a"), step("b", "a", content: "{{steps.a.dtaa}}"))).head.contains(#"did you mean "data"?"#)
        )
    }

    @Test func `fallbacks are plans themselves, five deep at most, and never the same`() {
        func nested(_ depth: Int, _ id: (Int) -> String) -> String {
            (0..<depth).reversed().reduce("") { inner, level in
                let fallback = inner.isEmpty ? "" : #", "fallback_plan": \#(inner)"#
                return #"{"id": "\#(id(level))", "steps": [\#(step("a"))]\#(fallback)}"#
            }
        }
        #expect(issues(nested(6, { "p\($0)" })) == [])
        #expect(issues(nested(7, { "p\($0)" })).head.contains("fallbacks are at most 5 deep"))
        #expect(
            issues(nested(3, { $0 == 2 ? "p0" : "p\($0)" })) == [
                "/fallback_plan/fallback_plan/id must differ from that of the plan: a plan cannot fall back on itself"
            ])
        let bad = #"{"steps": [{"id": "a", "agnet": "x"}]}"#
        #expect(
            issues(plan(step("a"), rest: #", "fallback_plan": \#(bad)"#)) == [
                #"/fallback_plan/steps/0/agnet unknown field; did you mean "agent"?"#
            ])
        #expect(
            issues(plan(step("a"), rest: #", "fallback_plan": {"steps": [\#(step("b", "c"))]}"#)).head.hasPrefix(
                "/fallback_plan/steps/0/dependencies/0"))
        #expect(issues(nested(60, { "p\($0)" })).count == 1)
    }

    @Test func `a thousand steps are judged soon`() throws {
        let steps = (0..<2_000).map { place in
            PlanStep(
                id: "s\(place)", agent: "tutor",
                input: ["content": place == 0 ? "x" : .string("{{steps.s\(place - 1).data}} {{steps.s0.data}}")],
                dependencies: place == 0 ? nil : Array(Set([place - 1, place / 2, 0])).map { "s\($0)" })
        }
        #expect(try PlanOrder(steps: steps).checked().edges.count > 5_000)
        let backwards = (0..<2_000).map {
            PlanStep(id: "s\($0)", agent: "tutor", input: ["content": "x"], dependencies: ["s\(($0 + 1) % 2_000)"])
        }
        #expect(throws: SpotterError.self) { try PlanOrder(steps: backwards).checked() }
        #expect(throws: SpotterError.self) { try PlanOrder(steps: steps + steps).checked() }
        let misspelt = (0..<2_000).map { place in
            PlanStep(id: "s\(place)", tool: "x", dependencies: (0..<100).map { "t\(place)_\($0)" })
        }
        #expect { try PlanOrder(steps: misspelt).checked() } throws: { ($0 as? SpotterError)?.issues.count == 100 }
    }

    @Test func `an order is written as it was read`() throws {
        let order = try read(plan(step("a"), rest: #", "fallback_plan": {"steps": [\#(step("b"))]}"#))
        #expect(try JSONValue(encoding: order).decoded(as: PlanOrder.self) == order)
    }
}

extension [String] {
    fileprivate var head: String { first ?? "" }
}
