import SpotterDomain

/// Asks with one organisation's token for what is another's, and reads the figures that only the API tells.
struct Stranger: Sendable {
    let api: APIClient
    let slug: String

    /// What was seen of `others`, which are ids of another organisation.
    func sightings(of others: [Accepted]) async throws -> [String] {
        var seen: [String] = []
        for accepted in others {
            var paths: [String] = []
            switch accepted.door {
            case .task(let id): paths.append("/v1/tasks/\(id)")
            case .queue: break
            case .conversation(let id): paths.append("/v1/conversations/\(id)/messages")
            }
            if let id = accepted.execution { paths += ["/v1/executions/\(id)", "/v1/executions/\(id)/steps"] }
            for path in paths {
                let status = try await api.insist("GET", path).status
                if status != 404 { seen.append("\(slug) asked for \(path) and got \(status)") }
            }
        }
        return seen
    }

    func queue() async throws -> QueueEntry {
        let figures = try await api.insist("GET", "/v1/queue").json
        func figure(_ name: String) throws -> Int {
            guard let value = figures[name]?.int else {
                throw APIClient.Unanswered(description: "the queue of \(slug) does not say \(name): \(figures)")
            }
            return value
        }
        return QueueEntry(
            ready: try figure("ready"), scheduled: try figure("scheduled"), running: try figure("running"),
            waiting: try figure("waiting"), held: try figure("held"), dead: try figure("dead"))
    }
}
