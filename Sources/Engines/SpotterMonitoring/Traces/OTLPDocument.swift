import Foundation
import SpotterDomain

/// Spans as OpenTelemetry's protocol has them in JSON (OTLP 1.x, `ExportTraceServiceRequest`): ids in hexadecimal, 64-bit
/// integers as strings, enumerations as numbers.
struct OTLPDocument {
    /// Who sends.
    let resource: [String: String]
    let version: String

    /// A request with the timelines of several organisations.
    func json(_ timelines: [(OrganizationID, Timeline)]) -> JSONValue {
        let spans = timelines.flatMap { organization, timeline in
            timeline.spans.map { json($0, of: timeline, organization) }
        }
        return [
            "resourceSpans": [
                [
                    "resource": ["attributes": attributes(resource.mapValues { .string($0) })],
                    "schemaUrl": .string(SpanNames.schema),
                    "scopeSpans": [
                        [
                            "scope": ["name": .string(SpanNames.scope), "version": .string(version)],
                            "schemaUrl": .string(SpanNames.schema), "spans": .array(spans),
                        ]
                    ],
                ]
            ]
        ]
    }

    private func json(_ span: Span, of timeline: Timeline, _ organization: OrganizationID) -> JSONValue {
        var object = JSONObject()
        object["traceId"] = .string(timeline.trace.description)
        object["spanId"] = .string(span.id.description)
        if let parent = span.parent { object["parentSpanId"] = .string(parent.description) }
        if let state = timeline.state { object["traceState"] = .string(state.text) }
        object["name"] = .string(span.name)
        // INTERNAL, or CLIENT where somebody else is asked.
        object["kind"] = .int(span.kind == .model ? 3 : 1)
        object["startTimeUnixNano"] = .string(Self.nanoseconds(span.startedAt))
        object["endTimeUnixNano"] = .string(Self.nanoseconds(span.endedAt ?? span.startedAt))
        var known = span.attributes
        known[SpanNames.organization] = .string(organization.description)
        object["attributes"] = attributes(known)
        if let error = span.error {
            object["status"] = ["code": 2, "message": .string(error.message)]
        } else if span.attributes[SpanNames.errorType] != nil {
            object["status"] = ["code": 2]
        } else if span.state == "completed" {
            object["status"] = ["code": 1]
        }
        return .object(object)
    }

    private func attributes(_ values: [String: JSONValue]) -> JSONValue {
        .array(
            values.sorted { $0.key < $1.key }.map { name, value in
                ["key": .string(name), "value": Self.anyValue(value)]
            })
    }

    private static func anyValue(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): ["stringValue": .string(text)]
        case .int(let number): ["intValue": .string("\(number)")]
        case .double(let number): ["doubleValue": .double(number)]
        case .bool(let flag): ["boolValue": .bool(flag)]
        case .array(let values): ["arrayValue": ["values": .array(values.map(anyValue))]]
        default: ["stringValue": .string(String(decoding: value.bytes, as: UTF8.self))]
        }
    }

    /// Whole microseconds, which is what is stored, so that no digit is made up.
    private static func nanoseconds(_ date: Date) -> String {
        "\(Int64((date.timeIntervalSince1970 * 1_000_000).rounded()))000"
    }
}
