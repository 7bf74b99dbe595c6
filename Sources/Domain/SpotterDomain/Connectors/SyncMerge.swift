public import Foundation

/// Which way records go.
public enum SyncDirection: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case pull, push, both

    /// Whether what the CRM has comes here.
    public var pulls: Bool { self != .push }
    /// Whether what is here goes to the CRM.
    public var pushes: Bool { self != .pull }
}

/// Whose value counts where both sides have changed the same.
public enum SyncConflictPolicy: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case newest, spotter, crm
}

/// What is to be changed on each side so that both agree, given what they had when they last did. Pure.
///
/// Each side is compared with its own last state, of which only marks are kept. So a value that the CRM has brought into
/// a form of its own is no change, and neither is an echo of what was just written. Labels that changed on both sides are
/// put together. A refusal of messages is never lost: it goes from either side to the other, and only what somebody has
/// said here takes it back.
public struct SyncMerge: Sendable, Hashable {
    /// One side.
    public struct Side: Sendable, Hashable {
        /// What it has.
        public let values: SyncValues
        /// Marks of what it had when both last agreed; empty where they never did.
        public let marks: [String: String]
        /// When it last changed.
        public let updatedAt: Date?

        /// One side.
        public init(_ values: SyncValues, marks: [String: String] = [:], updatedAt: Date? = nil) {
            self.values = values
            self.marks = marks
            self.updatedAt = updatedAt
        }
    }

    /// Somebody has changed the same on both sides.
    public struct Conflict: Sendable, Hashable {
        /// What.
        public let field: SyncField
        /// `spotter`, `crm` or `both`: whose value counts.
        public let winner: String
    }

    /// What is to be written here.
    public private(set) var toLocal: SyncValues = [:]
    /// What is to be written there.
    public private(set) var toRemote: SyncValues = [:]
    /// What was changed on both sides, in the order of the fields.
    public private(set) var conflicts: [Conflict] = []
    /// What both sides agree about after this, or may differ about as they do.
    public private(set) var settled: Set<SyncField> = []

    private let local: Side
    private let remote: Side
    private let canon: SyncCanon
    private let direction: SyncDirection
    private let policy: SyncConflictPolicy

    /// Compares the sides, field by field.
    public init(
        _ fields: [SyncField], local: Side, remote: Side, canon: SyncCanon, direction: SyncDirection,
        policy: SyncConflictPolicy
    ) {
        self.local = local
        self.remote = remote
        self.canon = canon
        self.direction = direction
        self.policy = policy
        for field in fields.sorted() { merge(field) }
    }

    private mutating func merge(_ field: SyncField) {
        let (here, there) = (canon.canonical(local.values[field], field), canon.canonical(remote.values[field], field))
        guard here != there else {
            settled.insert(field)
            return
        }
        if field.channel != nil { return mergeRefusal(field, isHere: here == "true") }
        let changedHere = isChanged(local, field)
        let changedThere = isChanged(remote, field)
        switch (changedHere, changedThere) {
        case (false, false): settled.insert(field)
        case (true, false): push(field)
        case (false, true): pull(field)
        case (true, true): resolve(field, here: here, there: there)
        }
    }

    private func isChanged(_ side: Side, _ field: SyncField) -> Bool {
        side.marks[field.name] != canon.mark(side.values[field], field)
    }

    private mutating func push(_ field: SyncField) {
        guard direction.pushes else { return }
        // An account may refuse an empty name, and it says nothing.
        if field == .name, canon.canonical(local.values[field], field).isEmpty { return }
        toRemote[field] = local.values[field] ?? ""
        settled.insert(field)
    }

    private mutating func pull(_ field: SyncField) {
        guard direction.pulls else { return }
        // Nobody is here without a name.
        if field == .name, canon.canonical(remote.values[field], field).isEmpty { return push(field) }
        // A stage that stands for no status says nothing about one.
        if field == .status, canon.canonical(remote.values[field], field).isEmpty {
            settled.insert(field)
            return
        }
        toLocal[field] = remote.values[field] ?? ""
        settled.insert(field)
    }

    private mutating func resolve(_ field: SyncField, here: String, there: String) {
        // The first meeting of two records is no conflict where one of them says nothing.
        let isFirst = local.marks[field.name] == nil || remote.marks[field.name] == nil
        if isFirst, there.isEmpty { return push(field) }
        if isFirst, here.isEmpty { return pull(field) }
        if field == .tags { return unite(field) }
        let winsHere =
            switch (direction, policy) {
            case (.pull, _): false
            case (.push, _): true
            case (.both, .spotter): true
            case (.both, .crm): false
            case (.both, .newest):
                (local.updatedAt ?? .distantPast) >= (remote.updatedAt ?? .distantPast)
            }
        conflicts.append(Conflict(field: field, winner: winsHere ? "spotter" : "crm"))
        if winsHere { push(field) } else { pull(field) }
    }

    private mutating func unite(_ field: SyncField) {
        let all = SyncCanon.tags((local.values[field] ?? "") + "\n" + (remote.values[field] ?? ""))
        let united = all.joined(separator: "\n")
        conflicts.append(Conflict(field: field, winner: "both"))
        if direction.pulls, canon.canonical(united, field) != canon.canonical(local.values[field], field) {
            toLocal[field] = united
        }
        if direction.pushes, canon.canonical(united, field) != canon.canonical(remote.values[field], field) {
            toRemote[field] = united
        }
        settled.insert(field)
    }

    /// Nobody's refusal depends on which way records go. Here it is written down what people say; where somebody took a
    /// refusal back here, it is taken back there, and never the other way round.
    private mutating func mergeRefusal(_ field: SyncField, isHere: Bool) {
        settled.insert(field)
        if isHere {
            if direction.pushes { toRemote[field] = "true" }
            return
        }
        let wasHere = local.marks[field.name] == canon.mark("true", field)
        if wasHere, !isChanged(remote, field), direction.pushes {
            toRemote[field] = "false"
        } else {
            toLocal[field] = "true"
        }
    }

    /// Marks of what a side has now, for the fields that are settled; of others those from before.
    public func marks(of values: SyncValues, before: [String: String]) -> [String: String] {
        var marks = before
        for field in settled { marks[field.name] = canon.mark(values[field], field) }
        return marks
    }
}
