/// The clients of the parties that asked last. A client that is let go of closes its connections when its last request
/// has ended.
struct Partitions: Sendable {
    private struct Entry: Sendable {
        let client: HTTPClient
        var lastUse: Int
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    private var uses = 0

    init(limit: Int) { self.limit = max(1, limit) }

    /// The party's client; a new one may take the place of the one that was not used for longest.
    mutating func client(of partition: String, making make: () -> HTTPClient) -> HTTPClient {
        uses += 1
        if let known = entries[partition]?.client {
            entries[partition]?.lastUse = uses
            return known
        }
        if entries.count >= limit, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse }) {
            entries[oldest.key] = nil
        }
        let client = make()
        entries[partition] = Entry(client: client, lastUse: uses)
        return client
    }

    /// Lets go of every client.
    mutating func removeAll() -> [HTTPClient] {
        defer { entries = [:] }
        return entries.values.map(\.client)
    }
}
