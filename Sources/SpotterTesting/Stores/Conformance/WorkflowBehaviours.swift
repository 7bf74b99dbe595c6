import Foundation
public import SpotterDomain

extension StoreConformance {
    static let workflows: [StoreBehaviour] = [
        StoreBehaviour("a workflow comes back as it was written") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let workflow = try await gym.workflow(named: "Überraschung \"x\"")
            try requireEqual(try await stores.workflows.workflow(workflow.id, in: gym.scope), workflow)
            try requireEqual(
                try await stores.workflows.version(1, of: workflow.id, in: gym.scope),
                WorkflowVersion(
                    workflowId: workflow.id, version: 1, definition: workflow.definition,
                    createdAt: workflow.updatedAt))
        },
        StoreBehaviour("each change of a workflow makes a version, and old ones stay as they were") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let first = try await gym.workflow(named: "Follow-up")
            var workflow = first
            for number in 2...4 { workflow = try await gym.change(workflow) { $0.description = "Take \(number)" } }
            try requireEqual(try await stores.workflows.workflow(workflow.id, in: gym.scope), workflow)
            let versions = try await stores.workflows.versions(of: workflow.id, PageRequest(), in: gym.scope)
            try requireEqual(versions.map(\.version), [4, 3, 2, 1])
            try requireEqual(versions.last?.definition, first.definition)
            let rest = PageRequest(limit: 2, after: Cursor(version: 4))
            try requireEqual(
                try await stores.workflows.versions(of: workflow.id, rest, in: gym.scope).map(\.version), [3, 2])
        },
        StoreBehaviour("a change of a stale version of a workflow is refused") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let workflow = try await gym.workflow(named: "Follow-up")
            let changed = try await gym.change(workflow) { $0.description = "New" }
            try await requireError(.preconditionFailed) {
                try await gym.change(workflow) { $0.description = "Other" }
            }
            try await requireError(.preconditionFailed) {
                try await stores.workflows.delete(workflow.id, version: 1, in: gym.scope)
            }
            try requireEqual(try await stores.workflows.workflow(workflow.id, in: gym.scope), changed)
        },
        StoreBehaviour("names of workflows are unique, and free again when one is deleted") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let one = try await gym.workflow(named: "Straße")
            let other = try await gym.workflow(named: "Other")
            try await requireError(.conflict) { try await gym.workflow(named: "STRASSE") }
            try await requireError(.conflict) { try await gym.change(other) { $0.name = "strasse" } }
            try requireEqual(try await stores.workflows.workflow(named: "STRASSE", in: gym.scope)?.id, one.id)
            try await stores.workflows.delete(one.id, version: nil, in: gym.scope)
            try requireEqual(try await stores.workflows.workflow(named: "STRASSE", in: gym.scope), nil)
            _ = try await gym.workflow(named: "STRASSE")
        },
        StoreBehaviour("a deleted workflow is gone but for the versions that runs have kept") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let workflow = try await gym.workflow(named: "Follow-up")
            try await stores.workflows.delete(workflow.id, version: 1, in: gym.scope)
            try await requireError(.notFound) { try await stores.workflows.workflow(workflow.id, in: gym.scope) }
            try await requireError(.notFound) { try await gym.change(workflow) { $0.description = "" } }
            try await requireError(.notFound) {
                try await stores.workflows.versions(of: workflow.id, PageRequest(), in: gym.scope)
            }
            try await requireError(.notFound) {
                try await stores.workflows.delete(workflow.id, version: nil, in: gym.scope)
            }
            let kept = try await stores.workflows.version(1, of: workflow.id, in: gym.scope)
            try requireEqual(kept.definition, workflow.definition)
        },
        StoreBehaviour("workflows are listed newest first and found by words") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var made: [Workflow] = []
            for number in 1...5 { made.append(try await gym.workflow(named: "Follow-up \(number)")) }
            _ = try await gym.workflow(named: "Churn")
            let page = try await stores.workflows.list(
                search: "FOLLOW up", PageRequest(limit: 3), in: gym.scope)
            try requireEqual(page.items.map(\.id), made.reversed().prefix(3).map(\.id))
            let rest = try await stores.workflows.list(
                search: "follow", PageRequest(limit: 3, after: page.next), in: gym.scope)
            try requireEqual(rest.items.map(\.id), made.reversed().suffix(2).map(\.id))
            try requireEqual(rest.next, nil)
        },
        StoreBehaviour("another organisation's workflows are not there") { stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let workflow = try await mine.workflow(named: "Follow-up")
            try await requireError(.notFound) { try await stores.workflows.workflow(workflow.id, in: theirs.scope) }
            try await requireError(.notFound) {
                try await stores.workflows.version(1, of: workflow.id, in: theirs.scope)
            }
            try await requireError(.notFound) {
                try await stores.workflows.delete(workflow.id, version: nil, in: theirs.scope)
            }
            try requireEqual(
                try await stores.workflows.list(search: nil, PageRequest(), in: theirs.scope).items.count, 0)
            _ = try await theirs.workflow(named: "Follow-up")
        },
    ]
}

extension TestOrganization {
    /// A small workflow of this name.
    @discardableResult
    public func workflow(named name: String) async throws -> Workflow {
        let definition = WorkflowDefinition(
            name: name, variables: ["count": WorkflowVariable(type: .integer, default: 1)],
            nodes: [
                WorkflowNode(id: "first", type: .wait, config: ["duration_ms": 5]),
                WorkflowNode(id: "second", type: .wait, config: ["duration_ms": 6]),
            ], edges: [WorkflowEdge(from: "first", to: "second", condition: "vars.count > 0")])
        let workflow = Workflow(
            id: id(), version: 1, definition: definition, createdAt: Self.start, updatedAt: Self.start)
        try await stores.workflows.create(workflow, receipt: nil, in: scope)
        return workflow
    }

    @discardableResult
    fileprivate func change(
        _ workflow: Workflow, _ change: (inout WorkflowDefinition) -> Void
    ) async throws -> Workflow {
        var definition = workflow.definition
        change(&definition)
        let changed = Workflow(
            id: workflow.id, version: workflow.version + 1, definition: definition, createdAt: workflow.createdAt,
            updatedAt: workflow.updatedAt + 1)
        try await stores.workflows.update(changed, in: scope)
        return changed
    }
}
