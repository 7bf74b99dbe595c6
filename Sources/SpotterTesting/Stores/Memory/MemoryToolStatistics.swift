import Foundation
import SpotterDomain

/// Figures of tools, from the journals in memory.
struct MemoryToolStatistics: ToolStatisticsStore {
    let database: MemoryDatabase

    func statistics(since date: Date, in scope: OrganizationScope) async throws -> [ToolStatistics] {
        let steps = database.read(scope) { records in
            records.executions.values.flatMap(\.steps.values).filter { $0.kind == .tool && $0.startedAt >= date }
        }
        return Dictionary(grouping: steps, by: \.name).sorted { $0.key < $1.key }.map { name, steps in
            let ended = steps.filter { $0.state == .completed }
            let times = ended.map { $0.output?["duration_ms"]?.int ?? 0 }.sorted()
            func percentile(_ share: Double) -> Int {
                times.isEmpty ? 0 : Int(times[max(0, Int((share * Double(times.count)).rounded(.up)) - 1)])
            }
            return ToolStatistics(
                tool: name, calls: ended.count, errors: ended.count { $0.output?["is_error"] == true },
                unknown: steps.count { $0.state == .needsReview }, p50Ms: percentile(0.5), p95Ms: percentile(0.95),
                maxMs: Int(times.last ?? 0), lastCalledAt: steps.map(\.startedAt).max() ?? date)
        }
    }
}

/// Documents in memory.
struct MemoryDocumentStore: DocumentStore {
    let database: MemoryDatabase

    func keep(_ document: Document, key: String, in scope: OrganizationScope) async throws -> DocumentID {
        try database.write(scope) { records in
            records.documents = records.documents.filter { $0.value.expiresAt > document.createdAt }
            if let kept = records.documents[key] { return kept.id }
            guard records.documents.count < Document.most else {
                throw SpotterError(.limitReached, "There are \(Document.most) documents already.")
            }
            records.documents[key] = document
            return document.id
        }
    }

    func document(_ id: DocumentID, at now: Date, in scope: OrganizationScope) async throws -> Document {
        let found = database.read(scope) { $0.documents.values.first { $0.id == id && $0.expiresAt > now } }
        guard let found else { throw SpotterError.notFound("document") }
        return found
    }
}
