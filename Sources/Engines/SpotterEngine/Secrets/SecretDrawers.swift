import SpotterDomain

/// What is at hand of each organisation's secrets. A value; nothing waits in it.
struct SecretDrawers: Sendable {
    /// A stored secret and what came of opening it.
    struct Entry: Sendable, Equatable {
        enum Content: Sendable, Equatable {
            case open(SecretValue)
            case closed
        }

        /// As it was read last.
        let secret: SealedSecret
        let content: Content
        /// Why it does not open, or would not open again; nil where all is well.
        let fault: SecretFault?

        var isOpen: Bool { content != .closed }
    }

    private var drawers: [OrganizationID: [SecretName: Entry]] = [:]
    /// Those with anything that does not open.
    private var troubled: Set<OrganizationID> = []

    func entry(_ name: SecretName, of organization: OrganizationID) -> Entry? { drawers[organization]?[name] }

    func entries(of organization: OrganizationID) -> [SecretName: Entry] { drawers[organization] ?? [:] }

    /// All secrets of the organisations where something does not open, as they were read.
    var closed: [OrganizationID: [SealedSecret]] {
        Dictionary(uniqueKeysWithValues: troubled.map { id in (id, entries(of: id).values.map(\.secret)) })
    }

    /// Whether something of these organisations is sealed with a key that was not there.
    func lacksKeys(of organizations: some Sequence<OrganizationID>) -> Bool {
        organizations.contains { id in
            entries(of: id).values.contains { entry in
                if case .unknownKey = entry.fault { true } else { false }
            }
        }
    }

    /// Opens secrets in the place of all that the organisations had.
    mutating func fill(_ read: [OrganizationID: [SealedSecret]], with sealer: (any SecretSealer)?) {
        for (id, secrets) in read {
            let before = drawers[id] ?? [:]
            var fresh: [SecretName: Entry] = [:]
            for secret in secrets {
                fresh[secret.name] = Self.open(secret, before: before[secret.name], with: sealer, in: id)
            }
            drawers[id] = fresh.isEmpty ? nil : fresh
            if fresh.values.contains(where: { $0.fault != nil }) { troubled.insert(id) } else { troubled.remove(id) }
        }
    }

    /// Empties the drawers of organisations that are gone.
    mutating func forget(allBut organizations: Set<OrganizationID>) {
        drawers = drawers.filter { organizations.contains($0.key) }
        troubled.formIntersection(organizations)
    }

    private static func open(
        _ secret: SealedSecret, before: Entry?, with sealer: (any SecretSealer)?, in id: OrganizationID
    ) -> Entry {
        // Most looks at an organisation find most of its secrets as they were.
        if let before, before.secret == secret, before.fault == nil { return before }
        do {
            guard let sealer else { throw SecretFault.unknownKey(id: secret.sealed.keyID) }
            let value = try sealer.open(secret.sealed, as: secret.name, in: OrganizationScope(id))
            return Entry(secret: secret, content: .open(value), fault: nil)
        } catch let fault as SecretFault {
            // The same value, sealed anew with a key that is not here yet: what was opened before is still right.
            if case .unknownKey = fault, let before, before.isOpen, before.secret.version == secret.version,
                before.secret.createdAt == secret.createdAt
            {
                return Entry(secret: secret, content: before.content, fault: fault)
            }
            return Entry(secret: secret, content: .closed, fault: fault)
        } catch {
            return Entry(secret: secret, content: .closed, fault: .altered)
        }
    }
}
