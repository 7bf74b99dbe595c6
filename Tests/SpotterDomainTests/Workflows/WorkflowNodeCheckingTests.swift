import SpotterDomain
import Testing

/// What one node of a workflow asks of agents and people that they cannot give.
struct WorkflowNodeCheckingTests {
    private func issues(_ type: String, _ config: String) -> [String] {
        let vocabulary = WorkflowVocabulary(
            agents: ["Tutor", "agent_01h2xcejqtf2nbrexx3vqjhp41"],
            offers: ["Tutor": ["testing", "grade"], "agent_01h2xcejqtf2nbrexx3vqjhp41": []], capabilities: ["testing"])
        let text =
            #"{"name": "W", "nodes": [{"id": "n", "type": "\#(type)", "config": \#(config)}], "edges": []}"#
        do {
            let definition = try JSONParser.parse(text).decoded(as: WorkflowDefinition.self)
            _ = try CheckedWorkflow(checking: definition, knowing: vocabulary)
            return []
        } catch { return (error as? SpotterError)?.issues.map { "\($0.pointer) \($0.message)" } ?? ["\(error)"] }
    }

    @Test func `what an agent does not offer is found`() {
        #expect(
            issues("task", #"{"agent": "Tutor", "action": "graed"}"#) == [
                #"/nodes/0/config/action of node n must be `message` or something that the agent offers, which "graed" is not; did you mean "grade"?"#
            ])
        #expect(
            issues("task", #"{"agent_id": "agent_01h2xcejqtf2nbrexx3vqjhp41", "action": "zap"}"#).head
                .hasPrefix("/nodes/0/config/action of node n must be `message` or"))
        for action in ["grade", "testing"] {
            #expect(issues("task", #"{"agent": "Tutor", "action": "\#(action)"}"#) == [])
        }
        #expect(issues("task", #"{"agent": "Tutor", "input": {"content": "x"}}"#) == [])
        #expect(issues("task", #"{"capability": "testing", "action": "zap"}"#) == [])
    }

    @Test func `a quorum of more people than are named is found`() {
        let one = "token:tok_01h2xcejqtf2nbrexx3vqjhp41"
        let two = "token:tok_01h2xcejqtf2nbrexx3vqjhp42"
        func quorum(_ number: Int, _ approvers: [String], then others: [String] = []) -> [String] {
            let list = { (names: [String]) in "[\(names.map { "\"\($0)\"" }.joined(separator: ", "))]" }
            let escalation = others.isEmpty ? "" : #", "escalate_to": \#(list(others)), "escalate_after_ms": 1000"#
            return issues(
                "human_approval",
                #"{"message": "x", "mode": {"quorum": \#(number)}, "approvers": \#(list(approvers))\#(escalation)}"#
            )
        }
        #expect(
            quorum(3, [one]) == [
                "/nodes/0/config/mode/quorum of node n must be at most 1: only 1 person is asked"
            ])
        #expect(quorum(3, [one, two]).head.contains("must be at most 2: only 2 people are asked"))
        #expect(quorum(2, [one], then: [one]).head.contains("must be at most 1"))
        #expect(quorum(2, [one, two]) == [] && quorum(2, [one], then: [two]) == [])
        // How many have a role is not known.
        #expect(quorum(3, [one, "role:staff"]) == [] && quorum(3, [one], then: ["role:owner"]) == [])
        #expect(
            issues("human_approval", #"{"message": "x", "mode": {"quorum": 9}}"#) == [])
    }
}

extension [String] {
    fileprivate var head: String { first ?? "" }
}
