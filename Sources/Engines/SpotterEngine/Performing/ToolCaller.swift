public import ServiceKit
public import SpotterDomain

/// Performs `callTools`, and the tool routes: asks the organisation's policy about the call, runs it within its time, and
/// turns every failure into a result that a model can act on.
///
/// There is no way to a tool but by `rule`, which makes the `ClearedCall` that `call` takes.
public struct ToolCaller: Sendable {
    let tools: ToolSet
    let policies: any ToolPolicies
    let digest: any ContentDigest
    private let clock: any WallClock
    private let log: Log
    private let timeout: Duration
    private let turns: Turnstile

    /// The longest result a model is given, in bytes of JSON; longer ones become an error that asks for less.
    public static let largestResult = 64 * 1024

    /// A caller of these tools; `timeout` is the longest that one call may take, `concurrency` how many calls of queued
    /// work run at one time.
    ///
    /// - Parameters:
    ///   - policies: which calls are let through; asked anew for each.
    ///   - digest: binds an approval to what was approved.
    public init(
        tools: ToolSet, policies: any ToolPolicies, digest: any ContentDigest, clock: any WallClock,
        timeout: Duration = .seconds(30), concurrency: Int = 5, log: Log
    ) {
        turns = Turnstile(places: concurrency)
        self.tools = tools
        self.policies = policies
        self.digest = digest
        self.clock = clock
        self.timeout = timeout
        self.log = log
    }

    /// The tools an agent may use, as a model is told of them. Names that are not known, or not there in this
    /// organisation, are left out.
    public func descriptions(of names: [String], in scope: OrganizationScope) -> [ToolDescription] {
        names.compactMap { tools[$0] }.filter { $0.isOffered(in: scope) }.map(\.modelDescription)
    }

    /// What repeating this call would do. One that is not made, because there is no such tool or its arguments are no
    /// object, has no effect.
    public func effect(of call: ToolCall) -> ToolEffect {
        guard call.invalidArguments == nil else { return .none }
        return tools[call.name]?.effect(of: call.arguments) ?? .none
    }

    /// Whether the call has no effect and reaches nobody outside.
    func onlyReads(_ call: ToolCall) -> Bool {
        effect(of: call) == .none && tools[call.name]?.access != .outward
    }

    /// Runs one call. Throws only `CancellationError`.
    ///
    /// - Parameters:
    ///   - timeout: for this call, where it is less than for any.
    ///   - caller: who calls, and where; by default somebody by hand.
    ///   - takesTurns: whether the call waits until one of the places for queued work is free.
    ///   - onStart: told when the call is about to be made.
    public func call(
        _ cleared: ClearedCall, organization: Organization, effectKey: String, isDryRun: Bool = false,
        timeout: Duration? = nil, caller: ToolContext.Caller = ToolContext.Caller(), takesTurns: Bool = false,
        onStart: @Sendable () -> Void = {}
    ) async throws -> ToolResult {
        if takesTurns { try await turns.enter() }
        defer { if takesTurns { turns.leave() } }
        // What is cancelled before it began has not happened.
        try Task.checkCancellation()
        onStart()
        let started = ContinuousClock.now
        let call = cleared.call
        let (output, isError) = try await run(
            call, allowed: cleared.allowed, organization: organization, effectKey: effectKey, isDryRun: isDryRun,
            timeout: min(timeout ?? self.timeout, self.timeout), caller: caller)
        let elapsed = started.duration(to: .now)
        return ToolResult(
            callId: call.id, name: call.name, output: output, isError: isError,
            durationMs: Int(elapsed / .milliseconds(1)))
    }

    private func run(
        _ call: ToolCall, allowed: [String]?, organization: Organization, effectKey: String, isDryRun: Bool,
        timeout: Duration, caller: ToolContext.Caller
    ) async throws -> (JSONValue, isError: Bool) {
        let scope = OrganizationScope(organization.id)
        guard let tool = tools[call.name], allowed?.contains(call.name) ?? true, tool.isOffered(in: scope) else {
            let known = (allowed ?? tools.names).filter { tools[$0]?.isOffered(in: scope) ?? true }
            let hint = DidYouMean.hint(for: call.name, among: known)
            let problem = DidYouMean.sentence("There is no tool \(call.name) here\(hint)")
            return (.string("\(problem) Available: \(known.joined(separator: ", "))."), true)
        }
        if let text = call.invalidArguments {
            return (.string("The arguments must be one JSON object, but were: \(text.prefix(200))"), true)
        }
        let context = ToolContext(
            scope: scope, organization: organization, now: clock.now(),
            effectKey: effectKey, isDryRun: isDryRun, caller: caller)
        do {
            let output = try await withTimeout(timeout) { try await perform(call, with: tool, in: context) }
            guard output.bytes.count <= Self.largestResult else {
                return (
                    .string("The result is too long to read. Ask for less: a shorter range or a lower limit."), true
                )
            }
            return (output, false)
        } catch let failure as ToolFailure {
            return (.string(failure.message), true)
        } catch let error as SpotterError where error.code == .invalid {
            return (.string(Self.complaint(about: error.issues)), true)
        } catch is TimeoutError {
            let advice = advice(after: call, of: tool) ?? "Try again, or ask for less."
            return (.string("The tool did not finish within \(timeout). \(advice)"), true)
        } catch let error as SpotterError where error.code == .notFound {
            return (.string(error.message), true)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            log.error("tool failed", ["tool": call.name, "error": "\(String(reflecting: error))"])
            let advice = advice(after: call, of: tool) ?? "Trying again later may help."
            return (.string("The tool failed for a reason of its own. \(advice)"), true)
        }
    }

    /// How often one call is made at most.
    private static let tries = 3

    /// Makes the call, and again after a moment where something that it needs cannot be reached, such as a database with
    /// no connection to spare; never where doing it twice is not the same as once.
    private func perform(_ call: ToolCall, with tool: any Tool, in context: ToolContext) async throws -> JSONValue {
        var tries = 1
        while true {
            do {
                return try await tool.call(call.arguments, in: context)
            } catch let error as SpotterError
                where error.code == .unavailable && tries < Self.tries && tool.effect(of: call.arguments) != .unsafe
            {
                try await Task.sleep(for: .milliseconds(Int.random(in: 100...300) * tries))
                tries += 1
            }
        }
    }

    /// What a model is told of arguments that do not fit the tool's schema.
    static func complaint(about issues: [FieldIssue]) -> String {
        "The arguments are not valid: " + issues.map { "\($0.pointer) \($0.message)" }.joined(separator: "; ")
    }

    /// What a model is told of a call that may have taken effect and must not do so twice; nil where it may be repeated.
    /// A keyed one may not: a further call has a key of its own, so that nobody would know it as the same.
    private func advice(after call: ToolCall, of tool: any Tool) -> String? {
        guard [.unsafe, .keyed].contains(tool.effect(of: call.arguments)) else { return nil }
        return "Whether it took effect is not known: find out before it is done again."
    }
}
