import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

/// Workflows and sessions as files.
struct WorkflowTemplateTests {
    private static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private func vocabulary() throws -> WorkflowVocabulary {
        let agents = try TemplateDirectory(path: "\(Self.root)/templates/agents", knownTools: nil).load()
        return WorkflowVocabulary(
            agents: Set(agents.map(\.slug)), capabilities: Set(agents.flatMap { $0.settings.capabilities ?? [] }))
    }

    private func problems(_ text: String, file: String = "test.yaml") throws -> [String] {
        let folder = try TemporaryFolder()
        try folder.write(text, to: file)
        do throws(ConfigurationError) {
            _ = try WorkflowTemplateDirectory(path: folder.path, knowing: WorkflowVocabulary(agents: ["tutor"])).read()
            return []
        } catch {
            return error.issues.map { $0.description.replacing("\(folder.path)/", with: "") }
        }
    }

    @Test func `the workflows that come with Spotter are sound`() throws {
        let templates = try WorkflowTemplateDirectory(
            path: "\(Self.root)/templates/workflows", knowing: try vocabulary()
        ).load()
        #expect(
            templates.map(\.slug) == [
                "bug-fix", "churn-rescue", "class-cancelled", "deployment", "development", "failed-payment",
                "lead-follow-up", "monthly-report", "security-audit",
            ])
        #expect(templates.filter { $0.pack == "gym" }.count == 5)
        #expect(templates.allSatisfy { $0.document.description?.isEmpty == false })
        #expect(templates.allSatisfy { !$0.parameters.isEmpty })
        for template in templates {
            #expect(template.parameters.values.allSatisfy { $0.description?.isEmpty == false }, "\(template.slug)")
        }
    }

    @Test(arguments: [
        (
            "development",
            [
                "feature_name", "requirements", "enable_code_review", "enable_testing", "enable_documentation",
                "deployment_target",
            ]
        ),
        (
            "bug-fix",
            [
                "bug_id", "title", "description", "severity", "affected_components", "reported_by",
                "enable_root_cause_analysis", "enable_regression_testing", "auto_deploy_fix",
            ]
        ),
        (
            "deployment",
            [
                "application_name", "version", "environment", "strategy", "source_commit", "source_branch", "run_tests",
                "require_approval", "enable_monitoring", "rollback_on_failure",
            ]
        ),
        (
            "security-audit",
            [
                "project_name", "scope", "compliance_standards", "include_code_analysis", "include_dependency_scanning",
                "include_infrastructure_scanning", "include_penetration_testing", "generate_report", "auto_remediate",
            ]
        ),
    ])
    func `a template has every option`(_ slug: String, _ options: [String]) throws {
        let templates = try WorkflowTemplateDirectory(path: "\(Self.root)/templates/workflows", knowing: nil).load()
        let template = try #require(templates.first { $0.slug == slug })
        for option in options { #expect(template.parameters[option] != nil, "\(option)") }
    }

    @Test func `the session that comes with Spotter is sound`() throws {
        let sessions = try SessionTemplateDirectory(
            path: "\(Self.root)/templates/sessions", knowing: try vocabulary()
        ).load()
        #expect(sessions.map(\.slug) == ["start-session"])
        let plan = try #require(sessions.first).plan(subject: "learner_1", data: ["grade_level": 5])
        #expect(plan.steps.map(\.agent) == ["personalized-learning", "speech-analysis", "tutor"])
        #expect(try plan.checked(knowing: try vocabulary()).incoming.map(\.count) == [0, 0, 2])
    }

    @Test func `the example of the reference is a workflow`() throws {
        let article = try String(
            contentsOfFile: "\(Self.root)/Sources/Domain/SpotterDomain/SpotterDomain.docc/Workflows.md",
            encoding: .utf8)
        let example = try #require(article.components(separatedBy: "```yaml\n").dropFirst().first)
        let text = example.components(separatedBy: "```")[0]
        #expect(try problems(text.replacing("financial-analyst", with: "tutor")) == [])
        for function in ExpressionFunction.allCases {
            #expect(article.contains("`\(function.rawValue)("), "\(function) is not described")
        }
    }

    @Test func `a mistake is told with its line and column`() throws {
        let text = """
            name: Test
            variables:
              count: { type: integer, default: x }
            nodes:
              - id: ask
                type: human_approval
                config:
                  mesage: Hello?
              - id: call
                type: task
                config: { agent: tutro, input: { content: "{{vars.cuont}}" } }
            edges:
              - { from: ask, to: call, condition: nodes.ask.aproved }
            on:
              - { event: custom.x, input: { cuont: 5 } }
            """
        let first = try problems(text)
        #expect(
            first == [
                "test.yaml:3:36: variables.count.default must be a whole number, not a string",
                "test.yaml:15:40: on[0].input.cuont must be a variable of the workflow; did you mean \"count\"?",
            ])
        let mended = text.replacing("default: x", with: "default: 1").replacing("{ cuont: 5 }", with: "{ count: 5 }")
        let second = try problems(mended)
        #expect(
            second == [
                "test.yaml:8:7: nodes[0].config.mesage is an unknown field of node ask; did you mean \"message\"?",
                "test.yaml:8:7: nodes[0].config.message of node ask is required",
                "test.yaml:11:22: nodes[1].config.agent of node call must be an agent of this organisation, which \"tutro\" is not; did you mean \"tutor\"?",
                "test.yaml:11:47: nodes[1].config.input.content of node call has a mistake at character 3: there is no variable cuont; did you mean \"count\"?",
                "test.yaml:13:39: edges[0].condition of the edge from ask to call has a mistake at character 1: a node has no aproved: there is output, approved, state; did you mean \"approved\"?",
            ])
    }

    @Test func `shape, slug and name are checked as everywhere`() throws {
        #expect(try problems("name: X\nnodes: []\nedges: []\n")[0].hasPrefix("test.yaml:2:8: nodes must"))
        #expect(
            try problems("nam: X\nnodes:\n  - { id: a, type: parallel }\nedges: []\n").contains {
                $0.contains("is an unknown field; did you mean \"name\"?")
            })
        let right = "name: X\nnodes:\n  - { id: a, type: wait, config: { duration_ms: 5 } }\nedges: []\n"
        #expect(try problems(right) == [])
        #expect(try problems(right, file: "Not A Slug.yaml")[0].contains("the file's name without .yaml"))
        #expect(try problems(right + "pack: \"No Pack\"\n")[0].contains("test.yaml:5:7: pack"))
        #expect(try WorkflowTemplateDirectory(path: "/nonexistent/folder", knowing: nil).load() == [])
    }

    @Test func `a session's mistakes are told with their places`() throws {
        let folder = try TemporaryFolder()
        try folder.write(
            "name: S\nagents:\n  tutor: { template: tutro }\nsteps:\n  - { id: a, role: tutor, input: { content: x }, dependencies: [b] }\n",
            to: "test.yaml")
        func problems(_ vocabulary: WorkflowVocabulary) -> [String] {
            do throws(ConfigurationError) {
                _ = try SessionTemplateDirectory(path: folder.path, knowing: vocabulary).read()
                return []
            } catch {
                return error.issues.map { $0.description.replacing("\(folder.path)/", with: "") }
            }
        }
        #expect(
            problems(WorkflowVocabulary())[0].hasPrefix(
                "test.yaml:5:65: steps[0].dependencies[0] of step a must be the id of a step"))
        try folder.write(
            "name: S\nagents:\n  tutor: { template: tutro }\nsteps:\n  - { id: a, role: tutro, input: { content: x } }\n",
            to: "test.yaml")
        #expect(
            problems(WorkflowVocabulary()) == [
                "test.yaml:5:20: steps[0].role must be a role of `agents`; did you mean \"tutor\"?"
            ])
        try folder.write(
            "name: S\nagents:\n  tutor: { template: tutro }\nsteps:\n  - { id: a, role: tutor, input: { content: x } }\n",
            to: "test.yaml")
        #expect(
            problems(WorkflowVocabulary(agents: ["tutor"]))[0].hasPrefix(
                "test.yaml:5:20: steps[0].role of step a must be an agent"))
    }

    @Test func `a file of JSON is the same workflow`() throws {
        let folder = try TemporaryFolder()
        let json =
            #"{"name": "X", "nodes": [\#n  {"id": "a", "type": "wait", "config": {"duration_ms": 5}}], "edges": []}"#
        try folder.write(json, to: "x.json")
        try folder.write(
            "name: X\nnodes:\n  - { id: a, type: wait, config: { duration_ms: 5 } }\nedges: []\n", to: "test.yaml")
        let one = try WorkflowFile(path: "\(folder.path)/x.json").load(knowing: nil)
        #expect(one == (try WorkflowFile(path: "\(folder.path)/test.yaml").load(knowing: nil)))
        #expect(one == (try JSONParser.parse(json).decoded(as: WorkflowDefinition.self)))
        func message(_ text: String) throws -> String {
            try folder.write(text, to: "x.json")
            do {
                _ = try WorkflowFile(path: "\(folder.path)/x.json").load(knowing: nil)
                return ""
            } catch { return (error as? SpotterError)?.message.replacing("\(folder.path)/", with: "") ?? "" }
        }
        let refusal = try message(json.replacing("5}", with: "0}"))
        #expect(
            refusal
                == "x.json:2:57: nodes[0].config.duration_ms of node a must be a whole number from 1 to 31536000000")
        // What is wrong with the form does not hide what is wrong with the rest.
        let both = try message(
            json.replacing("5}", with: "0}").replacing(
                "\"edges\": []", with: "\"edges\": [{\"from\": \"a\", \"to\": \"a\", \"condition\": 7}]"))
        #expect(
            both.contains("edges[0].condition") && both.contains("nodes[0].config.duration_ms of node a"), "\(both)")
        #expect(try message("{\n \"name\": }").hasPrefix("x.json:2:10: "))
        // Escapes that YAML does not know leave the places out.
        #expect(
            try message(json.replacing("5}", with: "0}").replacing("\"X\"", with: #""\ud83d\ude00""#)).hasPrefix(
                "x.json:1:1: nodes[0].config.duration_ms"))
        #expect(try WorkflowFile(path: "\(folder.path)/test.yaml").outline().nodes.count == 1)
    }
}
