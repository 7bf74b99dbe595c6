public import Foundation

/// Something an agent can do. One small type each; the catalogue lists them.
///
/// Arguments come from a model: they are checked against the schema derived from `Arguments` before `run` is called.
/// `run` reports what the model can mend as `ToolFailure`; it never sees another organisation's rows.
public protocol Tool: Sendable {
    associatedtype Arguments: Decodable & Sendable

    /// snake_case, unique, never changed once published.
    var name: String { get }
    /// Written for a model: what it does, when to use it, what it answers.
    var summary: String { get }
    var category: ToolCategory { get }
    var access: ToolAccess { get }
    /// What repeating a call would do: of all calls, the worst.
    var effect: ToolEffect { get }

    /// What repeating this very call would do. Arguments may be anything: those that are not valid have the effect of
    /// the tool as a whole.
    func effect(of arguments: JSONValue) -> ToolEffect

    /// Which members of its arguments say whom or what a call reaches, and how much: what policies look at. By default
    /// none.
    var sensitiveArguments: [String: ArgumentRole] { get }

    /// What those members of this very call say. Arguments may be anything. By default `sensitiveArguments` are read as
    /// they stand.
    func sensitiveValues(of arguments: JSONValue) -> [SensitiveValue]

    /// Whom this very call reaches where its arguments name people by their records: the addresses that these have now,
    /// each of role `recipient`. Asked for only where a policy looks at recipients' domains; empty where it cannot be
    /// told, and then caution decides. Arguments may be anything. By default none.
    func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue]

    /// Whether an organisation has what the tool needs. Where it has not, nobody there is told of the tool.
    func isOffered(in scope: OrganizationScope) -> Bool

    /// Whether what it answers may hold words of strangers: a web page, an e-mail, what a lead wrote. By default not.
    var yieldsUntrustedText: Bool { get }

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue
}

/// What a tool is for, to sort the catalogue.
public enum ToolCategory: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case crm, analytics, messaging, automation, core
}

/// What a tool touches: the least a caller must be allowed.
public enum ToolAccess: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case read, write
    /// Reaches people or systems outside.
    case outward
}

/// What repeating a call would do.
public enum ToolEffect: String, Sendable, Codable, CaseIterable, SchemaDescribed {
    case none, idempotent
    /// Safe to repeat with the same effect key.
    case keyed
    /// Never repeated silently: an unknown outcome goes to a person.
    case unsafe
}

/// What a tool is given besides its arguments.
public struct ToolContext: Sendable {
    /// Whose rows the tool may touch.
    public let scope: OrganizationScope
    /// The organisation itself, for its time zone and currency.
    public let organization: Organization
    /// Now, the same for the whole call.
    public let now: Date
    /// The idempotency key to pass on, the same however often this call is repeated.
    public let effectKey: String
    /// Validate and show the effect without causing it.
    public let isDryRun: Bool
    /// Who calls, and where.
    public let caller: Caller

    /// Who calls a tool, and where.
    public struct Caller: Sendable, Hashable {
        /// Nil for a call by hand.
        public let agent: AgentID?
        /// Nil outside of a conversation.
        public let conversation: ConversationID?
        /// For whom the token was issued that calls by hand.
        public let subject: String?
        /// What runs; nil for a call by hand.
        public let execution: ExecutionID?
        /// What is passed on to executions that the tool starts.
        public let origin: ExecutionOrigin

        /// A caller; by default, somebody who calls by hand.
        public init(
            agent: AgentID? = nil, conversation: ConversationID? = nil, subject: String? = nil,
            execution: ExecutionID? = nil, origin: ExecutionOrigin = ExecutionOrigin()
        ) {
            self.origin = origin
            self.execution = execution
            self.agent = agent
            self.conversation = conversation
            self.subject = subject
        }
    }

    /// A context; the effect is caused unless `isDryRun` says otherwise.
    public init(
        scope: OrganizationScope, organization: Organization, now: Date, effectKey: String, isDryRun: Bool = false,
        caller: Caller = Caller()
    ) {
        self.caller = caller
        self.scope = scope
        self.organization = organization
        self.now = now
        self.effectKey = effectKey
        self.isDryRun = isDryRun
    }
}

/// An error the model can act on: what is wrong, why, and what would be right.
public struct ToolFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// For the model: what is wrong and what would be right.
    public let message: String

    /// A failure with words for the model.
    public init(_ message: String) { self.message = message }
    /// The message.
    public var description: String { message }
}

/// A tool as a model is told of it.
public struct ToolDescription: Sendable, Hashable {
    /// What the model calls it by.
    public let name: String
    /// What it does and when to use it.
    public let summary: String
    /// The schema of its arguments: an object.
    public let parameters: JSONSchema

    /// A description for one model call.
    public init(name: String, summary: String, parameters: JSONSchema) {
        self.name = name
        self.summary = summary
        self.parameters = parameters
    }
}

extension Tool {
    /// The same for every call.
    public func effect(of arguments: JSONValue) -> ToolEffect { effect }

    /// None.
    public var sensitiveArguments: [String: ArgumentRole] { [:] }

    /// As `sensitiveArguments` name them.
    public func sensitiveValues(of arguments: JSONValue) -> [SensitiveValue] {
        sensitiveArguments.sorted { $0.key < $1.key }.flatMap { name, role in
            arguments[name].map { SensitiveValue.values(role, of: $0, named: name) } ?? []
        }
    }

    /// None.
    public func recipients(of arguments: JSONValue, in scope: OrganizationScope) async throws -> [SensitiveValue] { [] }

    /// Everywhere.
    public func isOffered(in scope: OrganizationScope) -> Bool { true }

    /// No.
    public var yieldsUntrustedText: Bool { false }

    /// The schema of its arguments.
    public var parameters: JSONSchema { JSONSchema.derived(from: Arguments.self) }

    /// The tool as a model is told of it.
    public var modelDescription: ToolDescription {
        ToolDescription(name: name, summary: summary, parameters: parameters)
    }

    /// Checks the arguments and runs the tool.
    ///
    /// - Throws: `SpotterError.invalid` for wrong arguments, `ToolFailure`, or whatever `run` throws.
    public func call(_ arguments: JSONValue, in context: ToolContext) async throws -> JSONValue {
        try await run(arguments.decoded(as: Arguments.self), in: context)
    }
}

/// The tools there are, by name, in the order of the catalogue.
public struct ToolSet: Sendable {
    /// In the order of the catalogue.
    public let tools: [any Tool]
    private let byName: [String: any Tool]

    /// Names must be unique: a second tool of a name is a programming error.
    public init(_ tools: [any Tool]) {
        self.tools = tools
        byName = Dictionary(uniqueKeysWithValues: tools.map { ($0.name, $0) })
    }

    /// The tool of that name; nil if there is none.
    public subscript(name: String) -> (any Tool)? { byName[name] }

    /// The tools' names, in the order of the catalogue.
    public var names: [String] { tools.map(\.name) }
}
