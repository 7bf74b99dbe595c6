public import SpotterDomain
import Synchronization

/// A tool that does nothing but note that it was called, and how.
public final class RecordingTool: Tool {
    /// What it may be told.
    public struct Arguments: Decodable, Sendable {
        /// Of no meaning.
        public let note: String?
    }

    /// One call.
    public struct Call: Sendable, Hashable {
        /// The key under which it may be repeated.
        public let effectKey: String
    }

    /// What the model calls it by.
    public let name: String
    /// For a model.
    public let summary = "Notes that it was called."
    /// What it is for.
    public let category = ToolCategory.core
    /// What it touches.
    public let access = ToolAccess.write
    /// What repeating a call would do.
    public let effect: ToolEffect
    private let isHarmless: @Sendable (JSONValue) -> Bool
    private let work: @Sendable (ToolContext) async throws -> JSONValue
    private let noted = Mutex<[Call]>([])

    /// - Parameters:
    ///   - isHarmless: arguments with which a call has no effect at all.
    ///   - work: what it does when it has noted the call.
    public init(
        _ name: String = "act", effect: ToolEffect,
        isHarmless: @escaping @Sendable (JSONValue) -> Bool = { _ in false },
        work: @escaping @Sendable (ToolContext) async throws -> JSONValue = { _ in "done" }
    ) {
        self.name = name
        self.effect = effect
        self.isHarmless = isHarmless
        self.work = work
    }

    /// The calls so far.
    public var calls: [Call] { noted.withLock { $0 } }

    /// None for what is harmless.
    public func effect(of arguments: JSONValue) -> ToolEffect { isHarmless(arguments) ? .none : effect }

    /// Notes the call.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        noted.withLock { $0.append(Call(effectKey: context.effectKey)) }
        return try await work(context)
    }
}
