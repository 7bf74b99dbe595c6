import SpotterDomain
import Testing

/// What is refused in workflows, where, and in which words.
struct WorkflowCheckingTests {
    private static let vocabulary = WorkflowVocabulary(
        agents: ["Tutor", "tutor", "agent_01h2xcejqtf2nbrexx3vqjhp41"],
        offers: ["Tutor": ["testing", "grade"], "agent_01h2xcejqtf2nbrexx3vqjhp41": []],
        capabilities: ["testing", "review"],
        tools: [
            "send_mail": .object([
                .init("to", JSONSchema(.string)), .init("urgent", JSONSchema(.boolean), isRequired: false),
                .init("copies", JSONSchema(.integer), isRequired: false),
            ])
        ], workflows: ["Other"])

    private func check(_ text: String) throws -> CheckedWorkflow {
        let definition = try JSONParser.parse(text).decoded(as: WorkflowDefinition.self)
        return try CheckedWorkflow(checking: definition, knowing: Self.vocabulary)
    }

    private func issues(_ text: String) -> [String] {
        do {
            _ = try check(text)
            return []
        } catch { return (error as? SpotterError)?.issues.map { "\($0.pointer) \($0.message)" } ?? ["\(error)"] }
    }

    private static let say = #""type": "task", "config": {"agent": "tutor", "input": {"content": "Hello"}}"#

    /// A workflow of nodes that all are the same task, by their ids, and edges.
    private func graph(_ ids: String, _ edges: String, others: String = "", variables: String = "{}") -> String {
        let nodes =
            ids.split(separator: " ").map { #"{"id": "\#($0)", \#(Self.say)}"# } + (others.isEmpty ? [] : [others])
        return
            #"{"name": "W", "variables": \#(variables), "nodes": [\#(nodes.joined(separator: ", "))], "edges": [\#(edges)]}"#
    }

    private func node(_ type: String, _ config: String, variables: String = "{}") -> String {
        graph("", "", others: #"{"id": "n", "type": "\#(type)", "config": \#(config)}"#, variables: variables)
    }

    @Test func `a workflow of every kind of node is read as it stands`() throws {
        let workflow = try check(
            #"""
            {"name": "All", "timeout_ms": 60000, "variables": {"n": {"type": "integer", "default": 1}},
             "nodes": [
              {"id": "a", "type": "task", "name": "First", "config": {"capability": "testing",
               "optional_capabilities": ["x"], "input": {"content": "{{input.q}}"}, "timeout_ms": 5000,
               "retry_policy": {"max_retries": 2, "backoff_ms": 10, "backoff": "linear"}, "set": {"n": "{{output.n}}"}}},
              {"id": "d", "type": "decision"},
              {"id": "p", "type": "parallel"},
              {"id": "t", "type": "task", "config": {"tool": "send_mail", "arguments": {"to": "{{input.to}}"}}},
              {"id": "w", "type": "wait", "config": {"duration_ms": 10}},
              {"id": "q", "type": "wait", "config": {"question": "Which?", "timeout_ms": 50}},
              {"id": "u", "type": "wait", "config": {"until": "2027-01-01T00:00:00Z"}},
              {"id": "j", "type": "join", "config": {"mode": {"quorum": 2}}},
              {"id": "h", "type": "human_approval", "config": {"message": "Go, {{vars.n}}?", "approvers": ["role:staff"],
               "mode": "all", "timeout_ms": 1000, "on_timeout": "expire"}},
              {"id": "s", "type": "sub_workflow", "config": {"workflow": "Other", "input": {"x": 1}}},
              {"id": "e", "type": "error_handler", "config": {"codes": ["timed_out"]}}],
             "edges": [
              {"from": "a", "to": "d"}, {"from": "d", "to": "a", "condition": "vars.n < 3", "max_iterations": 2},
              {"from": "d", "to": "p"}, {"from": "p", "to": "t"}, {"from": "p", "to": "w"}, {"from": "p", "to": "q"},
              {"from": "p", "to": "u"}, {"from": "t", "to": "j"}, {"from": "w", "to": "j"}, {"from": "q", "to": "j"},
              {"from": "u", "to": "j"}, {"from": "j", "to": "h"}, {"from": "h", "to": "s"}]}
            """#)
        #expect(workflow.timeout == .seconds(60))
        #expect(workflow.maxParallel == 100)
        #expect(workflow.nodes.map(\.name).prefix(2) == ["First", "d"])
        #expect(workflow.nodes[0].retries == RetryPolicy(maxAttempts: 3, backoffMs: 10, backoff: .linear))
        #expect(workflow.nodes[0].sets.map(\.variable) == ["n"])
        #expect(workflow.edges[1].loop == .init(maxIterations: 2, body: [0, 1]))
        #expect(workflow.incoming[0] == [] && workflow.outgoing[1] == [1, 2])
        #expect(workflow.catchAll == 10)
        #expect(workflow.nodes[4].action == .pause(try JSONTemplate(checking: 10)))
        #expect(workflow.nodes[7].action == .join(.quorum(2)))
    }

    @Test func `names of nothing are found everywhere`() {
        #expect(
            issues(graph("alpha beta", #"{"from": "alpha", "to": "betta"}"#)) == [
                #"/edges/0/to must be the id of a node, which "betta" is not; did you mean "beta"?"#
            ])
        #expect(issues(graph("a a", "")) == ["/nodes/1/id must be unique: node 0 is called a as well"])
        #expect(issues(graph("A", "")).head.hasPrefix("/nodes/0/id must be 1 to 64 lower-case letters"))
        #expect(
            issues(node("task", #"{"agent": "tutro", "input": {"content": "x"}}"#)) == [
                #"/nodes/0/config/agent of node n must be an agent of this organisation, which "tutro" is not; did you mean "Tutor"?"#
            ])
        #expect(
            issues(node("task", #"{"agent_id": "agent_01h2xcejqtf2nbrexx3vqjhp42", "input": {"content": "x"}}"#)).head
                .hasPrefix("/nodes/0/config/agent_id of node n must be an agent"))
        #expect(
            issues(node("task", #"{"capability": "testng", "input": {"content": "x"}}"#)) == [
                #"/nodes/0/config/capability of node n must be a capability of an agent of this organisation, which "testng" is not; did you mean "testing"?"#
            ])
        #expect(
            issues(node("task", #"{"tool": "send_male", "arguments": {}}"#)) == [
                #"/nodes/0/config/tool of node n must be the name of a tool, which "send_male" is not; did you mean "send_mail"?"#
            ])
        #expect(issues(node("sub_workflow", #"{"workflow": "Othr"}"#)).head.contains(#"did you mean "Other"?"#))
    }

    @Test func `unknown and missing members of a node are named`() {
        #expect(
            issues(node("wait", #"{"duration": 5}"#)) == [
                #"/nodes/0/config/duration unknown field of node n; did you mean "duration_ms"?"#
            ])
        #expect(
            issues(node("wait", "{}")) == [
                "/nodes/0/config of node n must have exactly one of duration_ms, until and question"
            ])
        #expect(issues(node("wait", #"{"duration_ms": 1, "until": "x"}"#)).head.contains("not duration_ms and until"))
        #expect(issues(node("wait", #"{"until": "tomorrow"}"#)).head.contains("must be an RFC 3339 time"))
        #expect(issues(node("wait", #"{"duration_ms": 1, "timeout_ms": 5}"#)).head.contains("is for questions"))
        #expect(issues(node("task", "{}")).head.contains("exactly one of agent_id, agent, capability and tool"))
        #expect(issues(node("task", #"{"agent": "tutor", "tool": "send_mail"}"#)).head.contains("not agent and tool"))
        #expect(
            issues(node("task", #"{"agent": "tutor"}"#)) == [
                "/nodes/0/config/input/content of node n is required: it is what the agent is told"
            ])
        #expect(issues(node("task", #"{"agent": "tutor", "input": {"content": 5}}"#)) == [])
        #expect(issues(node("task", #"{"agent": "tutor", "input": {"content": []}}"#)).head.contains("must be a text"))
        #expect(issues(node("task", #"{"agent": "tutor", "action": "analyze"}"#)) == [])
        #expect(issues(node("human_approval", "{}")).head == "/nodes/0/config/message of node n is required")
        #expect(
            issues(node("human_approval", #"{"message": "x", "approvers": ["boss"]}"#)).head
                .hasPrefix("/nodes/0/config/approvers/0 of node n must be role:owner"))
        #expect(issues(node("human_approval", #"{"message": "x", "mode": "some"}"#)).head.contains("/config/mode"))
        #expect(
            issues(node("task", #"{"agent": "tutor", "input": {"content": "x"}, "retry_policy": {"max_retries": 21}}"#))
                == [
                    "/nodes/0/config/retry_policy/max_retries of node n must be at most 20"
                ])
        #expect(issues(node("tusk", "{}")).head.contains(#"did you mean "task"?"#))
    }

    @Test func `arguments of tools are checked as far as they are known`() {
        #expect(
            issues(node("task", #"{"tool": "send_mail", "arguments": {"too": "x", "copies": "{{'a'}}"}}"#)) == [
                #"/nodes/0/config/arguments/too unknown field of node n; did you mean "to"?"#,
                "/nodes/0/config/arguments/copies of node n must be a number, not a text",
                "/nodes/0/config/arguments/to of node n is required",
            ])
        #expect(
            issues(node("task", #"{"tool": "send_mail", "arguments": {"to": "x", "urgent": "yes"}}"#)).head.contains(
                "/urgent"))
        #expect(
            issues(
                node("task", #"{"tool": "send_mail", "arguments": {"to": "{{input.a}}", "copies": "{{len(input)}}"}}"#))
                == [])
        #expect(issues(node("task", #"{"tool": "send_mail", "arguments": "{{input}}"}"#)) == [])
        #expect(issues(node("task", #"{"tool": "send_mail", "arguments": "text"}"#)).head.contains("must be an object"))
    }

    @Test func `expressions are checked against what there is`() {
        let edge = { (condition: String) in #"{"from": "a", "to": "b", "condition": "\#(condition)"}"# }
        let variables =
            #"{"count": {"type": "integer"}, "mode": {"type": "string", "values": ["blue_green", "rolling"]}}"#
        let check = { (condition: String) in self.issues(self.graph("a b", edge(condition), variables: variables)) }
        let place = "/edges/0/condition of the edge from a to b has a mistake at character "
        #expect(check("vars.count > 2 and nodes.a.output.ok") == [])
        #expect(check("vars.cuont > 2") == [place + #"1: there is no variable cuont; did you mean "count"?"#])
        #expect(
            check("vars.count == 'x'") == [place + "12: == compares a number with a text, which are never the same"])
        #expect(
            check("vars.count < 'x'").head.contains("12: < needs two numbers or two texts, not a number and a text"))
        #expect(check("vars.count") == [place + "1: a condition must be true or false, not a number"])
        #expect(check("vars.count + 1").head.contains("must be true or false"))
        #expect(check("1 / 0 == 1") == [place + "3: must not divide by zero"])
        #expect(check("vars.count == 1 / 0").head.contains("must not divide by zero"))
        #expect(check("nodes.c.output").head == place + #"1: there is no node c; did you mean "a"?"#)
        #expect(
            check("nodes.b.output.x").head.contains("the node b cannot have run before: no way leads from it to here"))
        #expect(check("nodes.a.outptu").head.contains(#"there is output, approved, state; did you mean "output"?"#))
        #expect(check("nodes.a.approved").head.contains("only a human_approval is approved"))
        #expect(check("output.x").head.contains("only in a node's `set`"))
        #expect(check("data.x").head.contains("there is nothing called data"))
        #expect(check("vars.count.x == 1").head.contains("has nothing that could be read of it"))
        #expect(
            check("vars.mode == 'blue-green'").head.contains(
                #""blue-green" is none of blue_green, rolling; did you mean "blue_green"?"#))
        #expect(
            check("false") == [
                "/edges/0/condition of the edge from a to b never holds, so that b is never reached by it"
            ])
        #expect(check("lower(vars.count) == 'x'").head.contains("lower needs a text, not a number"))
        #expect(check("not vars.count").head.contains("not needs a boolean, not a number"))
        #expect(check("x ===").head.hasPrefix(place))
    }

    @Test func `variables are declared with what they may hold`() {
        let check = { (variables: String) in self.issues(self.graph("a", "", variables: variables)) }
        #expect(
            check(#"{"a": {"type": "integer", "default": "x"}}"#) == [
                "/variables/a/default must be a whole number, not a string"
            ])
        #expect(check(#"{"A": {"type": "integer"}}"#).head.hasPrefix("/variables/A must be called in lower-case"))
        #expect(
            check(#"{"a": {"type": "integer", "values": ["x"]}}"#).head.contains("are for variables of type string"))
        #expect(check(#"{"a": {"type": "string", "values": ["x"], "default": "y"}}"#).head.contains("must be one of x"))
        #expect(check(#"{"a": {"type": "text"}}"#).head.contains("/variables/a/type must be one of string"))
        let set = { (value: String) in
            self.issues(self.node("decision", #"{"set": \#(value)}"#, variables: #"{"count": {"type": "integer"}}"#))
                .filter { $0.contains("/set") }
        }
        #expect(
            set(#"{"cuont": 1}"#) == [
                #"/nodes/0/config/set/cuont of node n must be a variable of the workflow; did you mean "count"?"#
            ])
        #expect(
            set(#"{"count": "x"}"#) == ["/nodes/0/config/set/count of node n must be a number, not a text"])
        #expect(set(#"{"count": "{{output.n}}"}"#) == [])
        #expect(set(#"{"count": "{{'a' + output.n}}"}"#).count == 1)
        #expect(set(#"{"count": 1.5}"#).head.contains("must be a whole number"))
        #expect(set("[]").head.contains("must be an object of variables"))
    }

    @Test func `circles need a bound and bounds need a circle`() {
        #expect(
            issues(
                graph(
                    "a b c d",
                    #"{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"d"},{"from":"d","to":"b"}"#)) == [
                    "/nodes/1 is node b, on a circle without a bound: b → c → d → b; the edge that leads back needs max_iterations"
                ])
        #expect(issues(graph("a", #"{"from":"a","to":"a"}"#)).head.contains("a → a"))
        #expect(issues(graph("a", #"{"from":"a","to":"a","max_iterations":3}"#)) == [])
        #expect(
            issues(
                graph("a b c", #"{"from":"a","to":"b"},{"from":"a","to":"c"},{"from":"c","to":"b","max_iterations":3}"#)
            ) == [
                "/edges/2/max_iterations of the edge from c to b must be left out: it closes no circle, because no way leads from b to c"
            ])
        #expect(issues(graph("a", #"{"from":"a","to":"a","max_iterations":1001}"#)).head.contains("at most 1000"))
    }

    @Test func `a loop is entered at its first node and left from its last`() {
        let loop =
            #"{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"d"},{"from":"c","to":"a","max_iterations":2,"condition":"false or input.x"}"#
        #expect(issues(graph("a b c d", loop)) == [])
        #expect(
            issues(graph("a b c d", loop + #",{"from":"b","to":"d"}"#)) == [
                "/edges/4 leads from b to d and so out of the loop of a and c, which can be left only from c"
            ])
        #expect(
            issues(graph("a b c d e", loop + #",{"from":"e","to":"b"}"#)) == [
                "/edges/4 leads from e to b and so into the loop of a and c, which can be entered only at a"
            ])
        let handler = #"{"id": "h", "type": "error_handler"}"#
        #expect(issues(graph("a b c d", loop + #",{"from":"b","to":"h"}"#, others: handler)) == [])
        #expect(
            issues(
                graph(
                    "a b", #"{"from":"a","to":"h"},{"from":"h","to":"b"},{"from":"b","to":"h","max_iterations":2}"#,
                    others: handler)
            ).head
                .contains("must not be a handler of errors"))
        // Loops that overlap without one holding the other.
        let overlap =
            #"{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"d"},{"from":"c","to":"a","max_iterations":2},{"from":"d","to":"b","max_iterations":2}"#
        #expect(
            issues(graph("a b c d", overlap)).head
                == "/edges/4 leads from d to b and so into the loop of a and c, which can be entered only at a")
        // One inside the other.
        let nested =
            #"{"from":"a","to":"b"},{"from":"b","to":"c"},{"from":"c","to":"d"},{"from":"c","to":"b","max_iterations":2},{"from":"d","to":"a","max_iterations":2}"#
        #expect(issues(graph("a b c d", nested)) == [])
    }

    @Test func `what ran in an earlier round of a loop can be named`() {
        let nodes = { (id: String) in
            #"{"id": "\#(id)", "type": "task", "config": {"agent": "tutor", "input": {"content": "{{nodes.b.output.text}}"}}}"#
        }
        let edges = #"{"from":"a","to":"b"},{"from":"b","to":"a","max_iterations":2}"#
        #expect(issues(graph("b", edges, others: nodes("a"))) == [])
        #expect(
            issues(graph("b", #"{"from":"a","to":"b"}"#, others: nodes("a"))).head.contains("cannot have run before"))
        #expect(issues(graph("b", "", others: nodes("a"))).head.contains("cannot have run before"))
        let handler = #"{"id": "h", "type": "error_handler"}"#
        #expect(
            issues(graph("b c", #"{"from":"b","to":"c"},{"from":"h","to":"a"}"#, others: "\(handler), \(nodes("a"))"))
                == [])
    }

    @Test func `nodes that lead nowhere or come from nowhere are named`() {
        let decision = #"{"id": "d", "type": "decision"}"#
        #expect(
            issues(graph("", "", others: decision)) == [
                "/nodes/0 is node d, a decision without exit: no edge leads from it"
            ])
        #expect(
            issues(graph("a", #"{"from":"a","to":"d"},{"from":"d","to":"a","max_iterations":2}"#, others: decision))
                .head.contains("when it has led back as often as it may"))
        #expect(
            issues(graph("a b", #"{"from":"d","to":"a"},{"from":"d","to":"b"}"#, others: decision)) == [
                "/edges/1 is a second edge without a condition from the decision d, which takes one edge only"
            ])
        #expect(
            issues(graph("", "", others: #"{"id": "p", "type": "parallel"}"#)).head.contains("a parallel without exit"))
        #expect(issues(graph("", "", others: #"{"id": "j", "type": "join"}"#)).head.contains("waits for nothing"))
        #expect(
            issues(
                graph(
                    "a", #"{"from":"a","to":"j"}"#,
                    others: #"{"id": "j", "type": "join", "config": {"mode": {"quorum": 2}}}"#)
            ).head == "/nodes/1/config/mode/quorum of node j must be at most 1: only 1 edge leads to it")
        #expect(
            issues(graph("a b c", #"{"from":"a","to":"b"}"#)) == [
                "/nodes/2 is node c, which cannot be reached: no edge leads to it or from it"
            ])
        #expect(issues(graph("a b", "")) == [])
        let handlers = #"{"id": "g", "type": "error_handler"}, {"id": "h", "type": "error_handler"}"#
        #expect(
            issues(graph("a", "", others: handlers)) == [
                "/nodes/2 is node h, which cannot be reached: no edge leads to it, and g takes the errors that no edge leads from"
            ])
        #expect(
            issues(graph("", "", others: #"{"id": "g", "type": "error_handler"}"#)).head.contains(
                "must have one to begin with"))
        #expect(
            issues(graph("a b", #"{"from":"a","to":"b"},{"from":"a","to":"b"}"#)) == [
                "/edges/1 is there twice: from a to b"
            ])
    }

    @Test func `what a run is started with fills the variables`() throws {
        let workflow = try check(
            graph(
                "a", "",
                variables:
                    #"{"n": {"type": "integer", "default": 4}, "s": {"type": "string", "required": true}, "o": {"type": "object"}}"#
            ))
        #expect(try workflow.variables(startedWith: ["s": "x", "other": 1]) == ["n": 4, "s": "x", "o": nil])
        #expect { try workflow.variables(startedWith: ["n": "x"]) } throws: { error in
            (error as? SpotterError)?.issues == [
                FieldIssue(pointer: "/n", message: "must be a whole number, not a string"),
                FieldIssue(pointer: "/s", message: "is required"),
            ]
        }
    }

    @Test func `large and hostile documents are judged soon`() throws {
        // 500 nodes in a row, every edge there can be up to 2,000, each with a condition.
        let ids = (0..<500).map { "n\($0)" }
        var edges: [WorkflowEdge] = []
        for step in 1...5 {
            for place in 0..<(500 - step) where edges.count < 2_000 {
                edges.append(.init(from: ids[place], to: ids[place + step], condition: "nodes.\(ids[place]).output.ok"))
            }
        }
        let config: JSONValue = ["agent": "tutor", "input": ["content": "{{nodes.n0.output.text}}"]]
        var nodes = ids.map { WorkflowNode(id: $0, type: .task, config: config) }
        nodes[0].config = ["agent": "tutor", "input": ["content": "x"]]
        let workflow = try CheckedWorkflow(checking: .init(name: "Big", nodes: nodes, edges: edges))
        #expect(workflow.edges.count == 2_000)
        // Every edge leads back, and everything is misspelt.
        let back = (0..<2_000).map {
            WorkflowEdge(from: ids[$0 % 499 + 1], to: ids[$0 % 499], maxIterations: $0 / 499 + 1)
        }
        let wrong = ids.map {
            WorkflowNode(id: $0, type: .task, config: ["agent": "tutro", "inptu": ["content": "{{nodes.x}}"]])
        }
        #expect(throws: SpotterError.self) {
            try CheckedWorkflow(checking: .init(name: "Bad", nodes: wrong, edges: back), knowing: Self.vocabulary)
        }
        // One circle of all nodes.
        let circle = ids.indices.map { WorkflowEdge(from: ids[$0], to: ids[($0 + 1) % 500]) }
        #expect { try CheckedWorkflow(checking: .init(name: "Circle", nodes: nodes, edges: circle)) } throws: { error in
            (error as? SpotterError)?.issues.first?.message.contains("n0 → n1 → n2") == true
        }
        #expect { try CheckedWorkflow(checking: .init(name: "Many", nodes: nodes + nodes, edges: [])) } throws: {
            error in
            (error as? SpotterError)?.issues.first?.pointer == "/nodes"
        }
    }
}

extension [String] {
    fileprivate var head: String { first ?? "" }
}
