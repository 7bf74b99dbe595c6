import SpotterDomain
import Testing

/// Events that start workflows.
struct WorkflowTriggerTests {
    private func issues(_ trigger: WorkflowTrigger) -> [String] {
        trigger.issues().map { "\($0.pointer) \($0.message)" }
    }

    @Test func `an event of the type that meets the condition starts the workflow with what it brings`() throws {
        let trigger = try CheckedTrigger(
            WorkflowTrigger(
                event: "custom.lead_created,execution.*", condition: "event.data.source != 'import'",
                input: ["lead_id": "{{event.data.id}}", "note": "from {{event.type}}"]))
        let event: JSONValue = ["type": "custom.lead_created", "data": ["id": "lead_1", "source": "web"]]
        #expect(try trigger.input(for: event) == ["lead_id": "lead_1", "note": "from custom.lead_created"])
        #expect(try trigger.input(for: ["type": "custom.lead_created", "data": ["source": "import"]]) == nil)
        #expect(try trigger.input(for: ["type": "step.started", "data": ["id": "x"]]) == nil)
        #expect(try trigger.input(for: [:]) == nil)
    }

    @Test func `mistakes are found before an event comes`() {
        #expect(issues(WorkflowTrigger(event: "step.startd")).head.hasPrefix("/event has \"step.startd\""))
        #expect(
            issues(WorkflowTrigger(event: "custom.x", condition: "evnt.data.x")) == [
                #"/condition has a mistake at character 1: there is nothing called evnt: there is event; did you mean "event"?"#
            ])
        #expect(issues(WorkflowTrigger(event: "custom.x", condition: "1 +")).head.hasPrefix("/condition has a mistake"))
        #expect(issues(WorkflowTrigger(event: "custom.x", condition: "5")).head.contains("must be true or false"))
        #expect(issues(WorkflowTrigger(event: "custom.x", input: "x")) == ["/input must be an object, not a string"])
        #expect(
            issues(WorkflowTrigger(event: "custom.x", input: ["a": ["{{vars.x}}"]])).head.hasPrefix(
                "/input/a/0 has a mistake at character 3"))
    }

    @Test func `a template's values become the defaults of its workflow`() throws {
        let document = WorkflowTemplateDocumentFixture.document
        let template = WorkflowTemplate(slug: "t", document: document)
        #expect(template.issues(knowing: nil) == [])
        let definition = try template.definition(named: "Mine", values: ["kind": "a", "n": 3])
        #expect(definition.name == "Mine")
        #expect(definition.variables?["kind"] == WorkflowVariable(type: .string, default: "a", values: ["a", "b"]))
        #expect(definition.variables?["n"]?.default == 3)
        #expect { try template.definition(values: ["knid": "a", "n": "x", "kind": "c"]) } throws: { error in
            (error as? SpotterError)?.issues.map(\.pointer) == ["/variables/knid", "/variables/n", "/variables/kind"]
        }
    }

    @Test func `a trigger gives only what the workflow has`() {
        var document = WorkflowTemplateDocumentFixture.document
        document.on = [WorkflowTrigger(event: "custom.x", input: ["knid": "{{event.data.kind}}"])]
        #expect(
            WorkflowTemplate(slug: "t", document: document).issues(knowing: nil) == [
                FieldIssue(
                    pointer: "/on/0/input/knid", message: #"must be a variable of the workflow; did you mean "kind"?"#)
            ])
    }
}

/// A template that is right.
enum WorkflowTemplateDocumentFixture {
    static var document: WorkflowTemplateDocument {
        WorkflowTemplateDocument(
            name: "T", pack: "gym",
            variables: [
                "kind": WorkflowVariable(type: .string, required: true, values: ["a", "b"]),
                "n": WorkflowVariable(type: .integer, default: 1),
            ],
            nodes: [.init(id: "w", type: .wait, config: ["duration_ms": 5])], edges: [])
    }
}

extension [String] {
    fileprivate var head: String { first ?? "" }
}
