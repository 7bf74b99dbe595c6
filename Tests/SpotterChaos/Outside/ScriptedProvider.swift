import Foundation
import SpotterDomain
import SpotterTesting
import Synchronization

/// The provider of models, as one process of the system sees it: it does what the script in the work's text says.
///
/// Each process has one of its own, so that a poisonous question can be known by whom it kills. It remembers nothing
/// of what it said: the same journal gets the same answer, whoever asks.
final class ScriptedProvider: Sendable {
    /// Which stumbles have happened: each does once, whoever asks.
    final class Memory: Sendable {
        private struct Occasion: Hashable {
            let work: String
            let turn: Int
        }

        private let stumbled = Mutex<Set<Occasion>>([])

        func isFirst(_ turn: Int, of script: Script) -> Bool {
            stumbled.withLock { $0.insert(Occasion(work: script.work, turn: turn)).inserted }
        }
    }

    private let double: ProviderDouble

    /// - Parameters:
    ///   - recorder: the address of the service that is to be changed.
    ///   - memory: shared by all providers of a run.
    ///   - onPoison: called with the work that nobody survives.
    init(recorder: String, memory: Memory, onPoison: @escaping @Sendable (String) -> Void) throws {
        double = try ProviderDouble { call in
            guard let (script, turn) = Self.place(of: call) else {
                return .failure(status: 400, body: #"{"error":{"message":"there is no script"}}"#)
            }
            let step = script.turns[min(turn, script.turns.count - 1)]
            if let stumble = step.stumble, memory.isFirst(turn, of: script) {
                guard let reply = Self.stumbled(stumble, call) else {
                    Thread.sleep(forTimeInterval: 0.8)
                    return Self.reply(step.act, script, turn, recorder, onPoison)
                }
                return reply
            }
            return Self.reply(step.act, script, turn, recorder, onPoison)
        }
    }

    /// What the process's environment says.
    var environment: [String: String] {
        ["ANTHROPIC_BASE_URL": double.anthropicURL, "OPENAI_BASE_URL": double.openAIURL]
    }

    func stop() { double.stop() }

    /// The script that the model was last given, and how many of its answers there are already.
    private static func place(of call: ProviderDouble.Call) -> (Script, Int)? {
        let messages = call.body["messages"]?.array ?? []
        for (index, message) in messages.enumerated().reversed() where message["role"] == "user" {
            guard let script = Script(in: text(of: message)) else { continue }
            return (script, messages[index...].count { $0["role"] == "assistant" })
        }
        return nil
    }

    private static func text(of message: JSONValue) -> String {
        message["content"]?.string ?? (message["content"]?.array ?? []).compactMap { $0["text"]?.string }.joined()
    }

    // MARK: Answers

    private static func reply(
        _ act: Script.Act, _ script: Script, _ turn: Int, _ recorder: String, _ onPoison: (String) -> Void
    ) -> ProviderReply {
        switch act {
        case .answer, .once, .ambush, .question, .children: return .text("Done with \(script.work).")
        case .poison:
            onPoison(script.work)
            return .steps([.silence])
        case .hopeless: return .failure(status: 400, body: #"{"error":{"message":"not ever"}}"#)
        case .keyed, .pair, .slow, .refused, .put:
            let calls = (0..<act.calls).map { call -> ProviderAnswer.Call in
                let path = "\(recorder)/\(act)/\(EffectStep(work: script.work, turn: turn, call: call))"
                let arguments: JSONValue = [
                    "method": act == .put ? "PUT" : "POST", "url": .string(path),
                    "json": ["work": .string(script.work)],
                ]
                return .init(id: "call_\(turn)_\(call)", name: "http_request", arguments: arguments.description)
            }
            return .answer(ProviderAnswer(calls: calls))
        }
    }

    /// Nil for one that is only late.
    private static func stumbled(_ stumble: Script.Stumble, _ call: ProviderDouble.Call) -> ProviderReply? {
        let error = #"{"type":"error","error":{"type":"api_error","message":"Not now."}}"#
        switch stumble {
        case .tooMany: return .failure(status: 429, headers: ["Retry-After": "1"], body: error)
        case .broken: return .failure(status: 500, body: error)
        case .cut:
            guard call.isStreaming else {
                let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
                return .steps([.text(head + #"{"content":[{"ty"#), .reset])
            }
            let start: JSONValue = [
                "type": "message_start",
                "message": ["model": "cut", "usage": ["input_tokens": 1, "output_tokens": 1]],
            ]
            let first =
                call.format == .anthropic
                ? AnthropicScript.event(start) : OpenAIScript.event(OpenAIScript.chunk(["role": "assistant"]))
            return .steps([.beginStream, .text(first), .reset])
        case .thoughtful: return nil
        }
    }
}
