public import Foundation
public import SpotterDomain

/// A stretch of work with a beginning, mostly an end, and what it belongs to: a run, its wait in the queue, or one of its
/// steps.
public struct Span: Sendable, Hashable {
    /// What it is.
    public enum Kind: String, Sendable, Codable, CaseIterable, SchemaDescribed {
        case execution, queue, model, tool, child, timer, input, approval, compaction, node
    }

    /// The record that it is of, such as `step_01h…`.
    public let record: String
    /// The same as a span's id.
    public let id: SpanID
    /// The record that it belongs to; nil for the first.
    public let parentRecord: String?
    /// The same as a span's id.
    public let parent: SpanID?
    /// The run that it is of.
    public let execution: ExecutionID
    /// Such as `chat gpt-5` or `execute_tool find_client`.
    public let name: String
    /// What it is.
    public let kind: Kind
    /// How far it is, as the run or the step says it.
    public let state: String
    /// When it began.
    public let startedAt: Date
    /// When it ended; nil while it is under way.
    public let endedAt: Date?
    /// What there is to know of it, by name.
    public let attributes: [String: JSONValue]
    /// Why it failed; nil unless it has.
    public let error: ExecutionError?
}

extension Step.Kind {
    var span: Span.Kind {
        switch self {
        case .model: .model
        case .tool: .tool
        case .child: .child
        case .timer: .timer
        case .input: .input
        case .approval: .approval
        case .compaction: .compaction
        case .node: .node
        }
    }
}
