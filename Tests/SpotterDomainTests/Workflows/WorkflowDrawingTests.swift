import SpotterDomain
import Testing

/// Pictures of workflows.
struct WorkflowDrawingTests {
    private let workflow = WorkflowDefinition(
        name: "It's \"new\"\n--> x",
        nodes: [
            .init(id: "end", type: .task, name: "Say \"hi\"] --> n9\nclick n0 \"javascript:x\" 50% <b>"),
            .init(id: "d", type: .decision, name: "Größer?"), .init(id: "p", type: .parallel),
            .init(id: "j", type: .join), .init(id: "h", type: .humanApproval), .init(id: "e", type: .errorHandler),
            .init(id: "w", type: .wait), .init(id: "s", type: .subWorkflow),
        ],
        edges: [
            .init(from: "end", to: "d"), .init(from: "d", to: "end", condition: "a == \"b\\\"\"", maxIterations: 3),
            .init(from: "d", to: "e"), .init(from: "d", to: "nowhere"),
        ])

    @Test func `a flowchart holds names as names`() {
        let text = WorkflowDrawing(of: workflow, states: ["end": .completed, "d": .running]).text(as: .mermaid)
        #expect(
            text == """
                ---
                title: 'It''s "new" --> x'
                ---
                flowchart TD
                    n0["Say #34;hi#34;#93; --#62; n9 click n0 #34;javascript:x#34; 50#37; #60;b#62;"]:::completed
                    n1{"Größer#63;"}:::running
                    n2[["p"]]
                    n3[["j"]]
                    n4{{"h"}}
                    n5[/"e"/]
                    n6(["w"])
                    n7[("s")]
                    n0 --> n1
                    n1 -.->|"a == #34;b#92;#34;#34;, at most 3×"| n0
                    n1 -.->|"fails"| n5
                    classDef running fill:#d0ebff,stroke:#1864ab,color:#111111
                    classDef completed fill:#d3f9d8,stroke:#2b8a3e,color:#111111

                """)
    }

    @Test func `a digraph holds names as names`() {
        let text = WorkflowDrawing(of: workflow, states: ["e": .failed]).text(as: .dot)
        #expect(text.contains(#"    label="It's \"new\" --> x";"#))
        #expect(text.contains(#"    n0 [label="Say \"hi\"] --> n9 click n0 \"javascript:x\" 50% <b>"];"#))
        #expect(text.contains(#"    n1 -> n0 [label="a == \"b\\\"\", at most 3×", style=dashed, constraint=false];"#))
        #expect(
            text.contains(##"n5 [label="e", shape=octagon, fillcolor="#ffc9c9", color="#c92a2a", class="failed"];"##))
        #expect(text.hasPrefix("digraph workflow {\n") && text.hasSuffix("}\n"))
    }

    @Test func `the same workflow gives the same text, and long names are cut`() throws {
        let long = WorkflowDefinition(
            name: "Long", nodes: [.init(id: "a", type: .decision, name: String(repeating: "ä", count: 500))], edges: [])
        let first = WorkflowDrawing(of: long).text(as: .mermaid)
        #expect(first == WorkflowDrawing(of: long).text(as: .mermaid))
        #expect(first.contains(String(repeating: "ä", count: 120) + "…\""))
        let plan = PlanOrder(steps: [.init(id: "a.b", tool: "x"), .init(id: "c", tool: "y", dependencies: ["a.b"])])
        let drawing = WorkflowDrawing(of: try plan.checked(), named: "Plan")
        #expect(drawing.text(as: .dot).contains("n0 -> n1;"))
    }
}
