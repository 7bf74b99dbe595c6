import Foundation
import SpotterDomain
import SpotterMonitoring

/// An execution's spans as the API shows them.
struct TimelineResource: Codable, Sendable {
    let executionId: ExecutionID
    let traceId: String
    let state: ExecutionState
    let startedAt: Date
    /// Until now while it is under way.
    let durationMs: Double
    let isTruncated: Bool
    let spans: [One]

    struct One: Codable, Sendable {
        let id: String
        let spanId: String
        let parentId: String?
        let executionId: ExecutionID
        let name: String
        let kind: Span.Kind
        let state: String
        let startedAt: Date
        let offsetMs: Double
        /// Null while it is under way.
        let durationMs: Double?
        let attributes: JSONValue
        let error: ExecutionError?
    }

    init(_ timeline: Timeline, at now: Date) {
        let run = timeline.execution
        executionId = run.id
        traceId = timeline.trace.description
        state = run.state
        startedAt = run.createdAt
        durationMs = Self.milliseconds(from: run.createdAt, to: run.completedAt ?? max(now, run.createdAt))
        isTruncated = timeline.isTruncated
        spans = timeline.spans.map { span in
            var attributes = JSONObject()
            for (name, value) in span.attributes.sorted(by: { $0.key < $1.key }) { attributes[name] = value }
            return One(
                id: span.record, spanId: span.id.description, parentId: span.parentRecord,
                executionId: span.execution, name: span.name, kind: span.kind, state: span.state,
                startedAt: span.startedAt, offsetMs: Self.milliseconds(from: run.createdAt, to: span.startedAt),
                durationMs: span.endedAt.map { Self.milliseconds(from: span.startedAt, to: $0) },
                attributes: .object(attributes), error: span.error)
        }
    }

    /// To the microsecond, which is what is stored.
    private static func milliseconds(from start: Date, to end: Date) -> Double {
        (end.timeIntervalSince(start) * 1_000_000).rounded() / 1_000
    }
}
