import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization
import Testing

@testable import SpotterEngine

/// Which model is asked after which, and what all of them together cost.
@Suite(.timeLimit(.minutes(5))) struct ModelCallerTests {
    private let scope = OrganizationScope(OrganizationID(UUID()))
    private let request = ModelRequest(model: "first", system: "", messages: [.user("Hi")], timeout: .seconds(90))

    private static let price = ModelPrice(
        model: "scripted", provider: "scripted", inputPerMillion: 100, outputPerMillion: 1_000,
        validFrom: Date(timeIntervalSince1970: 0))

    private static func failure(
        _ kind: ModelError.Kind, retryAfter: Duration? = nil, usage: TokenUsage? = nil
    ) -> ScriptedModel.Reply {
        .failure(ModelError(kind, provider: "scripted", message: "No.", retryAfter: retryAfter, usage: usage))
    }

    private func call(
        _ replies: [ScriptedModel.Reply], fallbacks: [String] = ["second", "third"], price: ModelPrice? = nil
    ) async throws -> (outcome: ModelAttempts, model: ScriptedModel) {
        let model = ScriptedModel(replies, price: price, fallbacks: fallbacks)
        let caller = ModelCaller(catalog: model, pricing: model)
        return (try await call(caller) { _ in }, model)
    }

    /// As a run does it, without budgets.
    private func call(
        _ caller: ModelCaller, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelAttempts {
        let attempts = caller.begin(request, in: scope)
        while let call = try caller.next(of: attempts, fallback: nil, plan: nil, in: scope) {
            attempts.receive(try await caller.ask(caller.meter(call, of: attempts), onDelta: onDelta))
        }
        return attempts
    }

    @Test(arguments: [
        ModelError.Kind.overloaded, .rateLimited, .serverError, .unreachable, .interrupted, .timedOut, .circuitOpen,
    ])
    func `what passes is answered by the next model, which goes on with the same history`(
        kind: ModelError.Kind
    ) async throws {
        let (outcome, model) = try await call([Self.failure(kind), .text("Hello!")])
        let response = try outcome.result.get()
        #expect(response.message.text == "Hello!")
        #expect(model.requests.map(\.model) == ["first", "second"])
        #expect(model.requests.allSatisfy { $0.messages == request.messages })
        #expect(outcome.failovers.map(\.model) == ["first"])
        #expect(outcome.failovers.first?.reason == kind.rawValue)
        #expect(response.insteadOf == outcome.failovers)
        // As the journal keeps it.
        #expect(
            try JSONValue(encoding: response).decodedUnchecked(as: ModelResponse.self).insteadOf == outcome.failovers)
    }

    @Test(arguments: [
        ModelError.Kind.authentication, .permission, .notFound, .invalidRequest, .contextTooLong, .tooLarge,
        .quotaExhausted, .malformed,
    ])
    func `what one model refuses is taken to no other`(kind: ModelError.Kind) async throws {
        let (outcome, model) = try await call([Self.failure(kind), .text("never")])
        #expect(model.requests.count == 1)
        #expect(outcome.failovers.isEmpty)
        #expect(throws: ExecutionError.self) { try outcome.result.get() }
    }

    @Test func `an answer that does not follow its schema may be mended once, by a model that is told why`()
        async throws
    {
        let (mended, model) = try await call([Self.failure(.schemaMismatch), .text("{}")])
        #expect(try mended.result.get().message.text == "{}")
        #expect(model.requests.map(\.model) == ["first", "first"])
        #expect(model.requests[0].messages == request.messages)
        let told = try #require(model.requests.last?.messages)
        #expect(told.count == request.messages.count && told.last?.text.contains("No.") == true)
        let (wrong, again) = try await call([
            Self.failure(.schemaMismatch), Self.failure(.schemaMismatch), .text("never"),
        ])
        #expect(again.requests.count == 2)
        #expect(wrong.usage.modelCalls == 2)
        #expect(throws: ExecutionError.self) { try wrong.result.get() }
    }

    @Test func `a refusal is an answer, and stands`() async throws {
        let refusal = ScriptedModel.response([.text("I must not.")], stopReason: .refusal)
        let (outcome, model) = try await call([.response(refusal), .text("never")])
        #expect(try outcome.result.get().stopReason == .refusal)
        #expect(model.requests.count == 1)
    }

    @Test func `when all fail the last failure counts, and says when to come back`() async throws {
        let (outcome, model) = try await call([
            Self.failure(.overloaded), Self.failure(.rateLimited), Self.failure(.circuitOpen, retryAfter: .seconds(7)),
        ])
        #expect(model.requests.map(\.model) == ["first", "second", "third"])
        #expect(outcome.failovers.map(\.model) == ["first", "second"])
        guard case .failure(let error) = outcome.result else { return }
        #expect(error.code == "provider_unavailable")
        #expect(error.retryAfter == 7)
        #expect(error.isTransient == true)
        // The one whose breaker is open was not asked.
        #expect(outcome.usage.modelCalls == 2)
    }

    @Test func `what a failed call used is counted and priced once, beside the answer's`() async throws {
        let used = TokenUsage(inputTokens: 12, outputTokens: 1, modelCalls: 1)
        let (outcome, _) = try await call(
            [Self.failure(.interrupted, usage: used), .text("Hello!")], price: Self.price)
        #expect(outcome.usage == TokenUsage(inputTokens: 22, outputTokens: 6, modelCalls: 2))
        #expect(outcome.cost?.base.amount.description == "0.0082")
        #expect(outcome.cost?.billed.amount.description == "0.00984")
        let (failed, _) = try await call([Self.failure(.invalidRequest, usage: used)], price: Self.price)
        #expect(failed.usage == used)
        #expect(failed.cost?.base.amount.description == "0.0022")
        let (refused, _) = try await call([Self.failure(.invalidRequest)], price: Self.price)
        #expect(refused.usage == TokenUsage(modelCalls: 1))
        #expect(refused.cost == .zero)
        let (unpriced, _) = try await call([.text("Hello!")])
        #expect(unpriced.cost == nil)
    }

    @Test func `once a reader has seen something no other model begins anew`() async throws {
        let model = Halfway(fails: .interrupted, after: "Hel")
        let caller = ModelCaller(catalog: model, pricing: ScriptedModel())
        let seen = Mutex<[ModelDelta]>([])
        let outcome = try await call(caller) { delta in
            seen.withLock { $0.append(delta) }
        }
        #expect(throws: ExecutionError.self) { try outcome.result.get() }
        #expect(seen.withLock { $0 } == [.text("Hel")])
        #expect(model.calls == 1)
    }

    @Test func `each model leaves some of the time to those behind it, and the last has all that is left`()
        async throws
    {
        let (_, model) = try await call([Self.failure(.overloaded), Self.failure(.overloaded), .text("x")])
        let times = model.requests.map { $0.timeout / .seconds(1) }
        #expect(times[0] > 59 && times[0] <= 60)
        #expect(times[1] > 59 && times[1] <= 60)
        #expect(times[2] > 89 && times[2] <= 90)
        let (_, alone) = try await call([.text("x")], fallbacks: [])
        #expect((alone.requests.first?.timeout ?? .zero) > .seconds(89))
    }

    @Test func `when the time is over no other model is asked`() async throws {
        let time = Mutex(ContinuousClock.now)
        let model = ScriptedModel(
            [
                .work { _ in
                    time.withLock { $0 += .seconds(91) }
                    throw ModelError(.timedOut, provider: "scripted", message: "Too late.")
                }
            ], fallbacks: ["second"])
        let caller = ModelCaller(catalog: model, pricing: model, now: { time.withLock { $0 } })
        let outcome = try await call(caller) { _ in }
        guard case .failure(let error) = outcome.result else { return }
        #expect(error.code == "provider_timed_out")
        #expect(model.requests.count == 1)
    }

    @Test func `a list without end is not followed to its end`() async throws {
        let (_, model) = try await call([Self.failure(.overloaded)], fallbacks: (0..<50).map { "model-\($0)" })
        #expect(model.requests.count == ModelAttempts.mostModels)
    }

    @Test func `a cancelled call asks nobody else`() async throws {
        let model = ScriptedModel([.error(CancellationError()), .text("never")], fallbacks: ["second"])
        let caller = ModelCaller(catalog: model, pricing: model)
        await #expect(throws: CancellationError.self) {
            _ = try await call(caller) { _ in }
        }
        #expect(model.requests.count == 1)
    }
}

/// A provider that breaks off in the middle of an answer.
private final class Halfway: ModelProvider, ModelCatalog {
    let name = "halfway"
    private let kind: ModelError.Kind
    private let text: String
    private let count = Mutex(0)

    init(fails kind: ModelError.Kind, after text: String) {
        self.kind = kind
        self.text = text
    }

    var calls: Int { count.withLock { $0 } }

    func complete(
        _ request: ModelRequest, onDelta: @escaping @Sendable (ModelDelta) async throws -> Void
    ) async throws -> ModelResponse {
        count.withLock { $0 += 1 }
        try await onDelta(.text(text))
        throw ModelError(kind, provider: name, message: "It broke.")
    }

    func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String) { (self, model) }

    func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] { ["other"] }
}
