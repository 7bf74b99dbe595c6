public import SpotterDomain

/// Works an organisation's chain out again, from the first entry to the last, and says where it breaks first.
///
/// Whoever may change every row of the database can still not hide it: an edited entry no longer gives its hash, one that
/// is gone leaves its seal, a seal that is gone leaves a gap, one at another place has another hash before it. Only who
/// works the whole chain out anew from there, or cuts its end off with everything that tells of it, goes unnoticed; a
/// checkpoint that is kept elsewhere shows that, too.
public struct AuditVerifier: Sendable {
    private let chain: any AuditChainStore
    private let digest: any ContentDigest
    private let signer: any AuditCheckpointSigner

    /// What was found.
    public struct Report: Sendable, Hashable {
        /// How many entries are right, from the first.
        public let verified: Int64
        /// What is wrong first; nil where nothing is.
        public let problem: String?
    }

    private static let batch = 500

    /// A verifier.
    public init(
        chain: any AuditChainStore, digest: any ContentDigest, signer: any AuditCheckpointSigner
    ) {
        self.chain = chain
        self.digest = digest
        self.signer = signer
    }

    /// - Parameter checkpoint: one that was kept elsewhere, as it was signed; nil for those in the database alone.
    public func verify(_ scope: OrganizationScope, checkpoint: String? = nil) async throws -> Report {
        var expected = try checkpoint.map { try [self.checkpoint($0, of: scope)] } ?? []
        for text in try await chain.checkpoints(in: scope) {
            guard let kept = try? self.checkpoint(text, of: scope) else {
                return Report(verified: 0, problem: "A checkpoint in the database was not signed by this installation.")
            }
            expected.append(kept)
        }
        let wanted = Dictionary(grouping: expected, by: \.position)
        // Read before the links: what is sealed meanwhile is no surplus.
        let noted = try await chain.head(in: scope)
        var head = AuditHead.none
        while true {
            let links = try await chain.links(after: head.position, limit: Self.batch, in: scope)
            for link in links {
                if let problem = try problem(of: link, after: head) {
                    return Report(verified: head.position, problem: problem)
                }
                head = AuditHead(position: link.position, hash: link.hash)
                if let other = wanted[head.position]?.first(where: { $0.hash != head.hash }) {
                    return Report(
                        verified: 0,
                        problem: "The chain up to entry \(head.position) is not the one that was signed on "
                            + "\(Timestamp.string(from: other.at)): it was worked out anew.")
                }
            }
            if links.count < Self.batch { break }
        }
        return try await end(of: head, noted, expected, scope)
    }

    private func end(
        of head: AuditHead, _ noted: AuditHead, _ expected: [AuditCheckpoint], _ scope: OrganizationScope
    ) async throws -> Report {
        func cut(_ position: Int64, _ witness: String) -> Report {
            Report(
                verified: head.position,
                problem: "Entries \(head.position + 1) to \(position) were removed from the end: \(witness).")
        }
        let last = expected.max { $0.position < $1.position }
        if let last, last.position > head.position {
            return cut(last.position, "a checkpoint was signed on \(Timestamp.string(from: last.at))")
        }
        if noted.position > head.position { return cut(noted.position, "the chain is noted to be longer") }
        if let first = try await chain.unsealed(in: scope).first {
            return Report(
                verified: head.position,
                problem: "The entry \(first) has no seal: it was added behind the log's back, or its seal was removed.")
        }
        return Report(verified: head.position, problem: nil)
    }

    private func problem(of link: AuditLink, after head: AuditHead) throws -> String? {
        let place = head.position + 1
        guard link.position == place else { return "Entry \(place) was removed, with its seal." }
        guard let text = link.text else { return "Entry \(place) (\(link.entry)) was removed." }
        let hash = try digest.hex(Array("\(head.hash)\(place)\(text)".utf8))
        return hash == link.hash ? nil : "Entry \(place) (\(link.entry)) was edited, or stands in another's place."
    }

    private func checkpoint(_ text: String, of scope: OrganizationScope) throws -> AuditCheckpoint {
        let checkpoint = try signer.checkpoint(of: text)
        guard checkpoint.organization == scope.organization else {
            throw SpotterError(.invalid, "The checkpoint is another organisation's.")
        }
        return checkpoint
    }
}
