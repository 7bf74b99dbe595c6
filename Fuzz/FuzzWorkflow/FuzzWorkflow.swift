import SpotterDomain

/// Reads bytes as JSON, and that as a workflow and as a plan; draws what has the shape of one, and checks it.
///
/// Whatever comes in, the answer is a workflow whose edges lead to nodes that are there, or issues at places.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzWorkflow(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let value = try? JSONParser.parse(Array(UnsafeBufferPointer(start: data, count: count))) else { return 0 }
    judge { () -> CheckedWorkflow in
        let definition = try value.decoded(as: WorkflowDefinition.self)
        for format in WorkflowDrawing.Format.allCases {
            let text = WorkflowDrawing(of: definition).text(as: format)
            precondition(text == WorkflowDrawing(of: definition).text(as: format))
            let lines = text.split(separator: "\n").count
            precondition(lines <= definition.nodes.count + definition.edges.count + 10)
        }
        return try CheckedWorkflow(checking: definition, knowing: vocabulary)
    }
    judge { try value.decoded(as: PlanOrder.self).checked(knowing: vocabulary) }
    return 0
}

private let vocabulary = WorkflowVocabulary(
    agents: ["tutor"], capabilities: ["testing"], tools: ["get": .object([.init("x", JSONSchema(.integer))])])

private func judge(_ read: () throws -> CheckedWorkflow) {
    do {
        let workflow = try read()
        precondition(workflow.edges.allSatisfy { workflow.nodes.indices.contains($0.from) })
        precondition(workflow.edges.allSatisfy { workflow.nodes.indices.contains($0.to) })
        precondition(Set(workflow.nodes.map(\.id)).count == workflow.nodes.count)
        precondition(workflow.edges.allSatisfy { $0.loop.map { !$0.body.isEmpty && $0.maxIterations > 0 } ?? true })
    } catch let error as SpotterError {
        precondition(error.code == .invalid && !error.issues.isEmpty && error.issues.allSatisfy { !$0.message.isEmpty })
    } catch {
        preconditionFailure("\(error)")
    }
}
