public import Foundation

/// Who asked for an execution, and whether the words that it was given are a stranger's: the member `origin` of its input.
///
/// The engine writes it; nobody's request can.
public struct ExecutionOrigin: Sendable, Codable, Hashable {
    /// What whoever asked is in the organisation; nil where nobody did, as when a schedule fired.
    public var role: Role?
    /// Whose token it was.
    public var token: TokenID?
    /// Whether the input holds untrusted text.
    public var isUntrusted: Bool?
    /// The workflow that it works for, one of Spotter's or of a CRM: what it costs is put on that workflow's account. Passed
    /// on to all that it begins.
    public var workflow: UUID?
    /// How many triggers and tools led to it, one after another; nil where none did.
    public var hops: Int?
    /// The triggers that led to it, the first one first; nil where none did. No more than there are hops.
    public var triggers: [TriggerID]?

    /// An origin; with the defaults one of which nothing is known.
    public init(
        role: Role? = nil, token: TokenID? = nil, isUntrusted: Bool? = nil, hops: Int? = nil,
        triggers: [TriggerID]? = nil, workflow: UUID? = nil
    ) {
        self.hops = hops
        self.triggers = triggers
        self.workflow = workflow
        self.role = role
        self.token = token
        self.isUntrusted = isUntrusted
    }

    /// Whoever makes a request.
    public init(_ caller: Caller) { self.init(role: caller.role, token: caller.token) }

    /// That of an execution. One that cannot be read is a stranger's.
    public init(of execution: Execution) {
        guard let document = execution.input[Self.member] else {
            self.init()
            return
        }
        self = (try? document.decodedUnchecked(as: ExecutionOrigin.self)) ?? ExecutionOrigin(isUntrusted: true)
    }

    /// That of what it starts by a trigger or by a tool.
    ///
    /// - Throws: `limitReached` where runs have started each other ``TriggerLimits/mostHops`` times in a row.
    public func afterHop() throws -> ExecutionOrigin {
        guard (hops ?? 0) < TriggerLimits.mostHops else {
            let most = TriggerLimits.mostHops
            throw SpotterError(
                .limitReached, "Runs have started each other \(most) times in a row, and may not again.")
        }
        var next = self
        next.hops = (hops ?? 0) + 1
        return next
    }

    /// The workflow alone: of most executions there is none, which is told without reading the rest.
    public static func workflow(of execution: Execution) -> UUID? {
        execution.input[member]?["workflow"]?.string.flatMap { UUID(uuidString: $0) }
    }

    static let member = "origin"
}

extension JSONValue {
    /// The input of an execution with its origin, in place of any that it had.
    public func with(_ origin: ExecutionOrigin) throws -> JSONValue {
        guard var object else { return self }
        object[ExecutionOrigin.member] = try JSONValue(encoding: origin)
        return .object(object)
    }

    /// The input of an execution without its origin.
    var removingOrigin: JSONValue {
        guard var object else { return self }
        object[ExecutionOrigin.member] = nil
        return .object(object)
    }
}
