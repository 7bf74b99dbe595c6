import Foundation

/// What the model does in one piece of work. It stands in the work's own text, so that whichever process asks the model,
/// and however often, is told the same.
struct Script: Sendable, Hashable {
    /// What one answer of the model calls.
    enum Act: Character, Sendable, CaseIterable {
        /// One request that changes something.
        case keyed = "K"
        /// Two of them, side by side.
        case pair = "B"
        /// One whose answer takes its time after the effect.
        case slow = "S"
        /// One that the service answers with 500 after the effect.
        case refused = "X"
        /// One that may be repeated by its nature (PUT).
        case put = "P"
        /// None: the last word.
        case answer = "A"
        /// None, because the process that asks is killed.
        case poison = "Z"
        /// None: the model's provider refuses for good.
        case hopeless = "D"
        /// One that must not be sent twice. This and those that follow are done by probes, without a model.
        case once = "O"
        /// The same, and whoever sends it is killed before there is an answer.
        case ambush = "U"
        /// None: a person is asked.
        case question = "Q"
        /// None of its own: two others are begun and awaited.
        case children = "F"

        /// How many requests reach the recorder.
        var calls: Int {
            switch self {
            case .keyed, .slow, .refused, .put, .once, .ambush: 1
            case .pair: 2
            case .answer, .poison, .hopeless, .question, .children: 0
            }
        }
    }

    /// What goes wrong when the model is asked for the first time.
    enum Stumble: Character, Sendable, CaseIterable {
        /// 429 with Retry-After.
        case tooMany = "r"
        /// 500.
        case broken = "f"
        /// An answer that is cut off.
        case cut = "c"
        /// A model that thinks for a while.
        case thoughtful = "h"
    }

    /// One answer of the model.
    struct Turn: Sendable, Hashable {
        let act: Act
        var stumble: Stumble?
    }

    /// The piece of work, unlike any other of the run.
    let work: String
    let turns: [Turn]

    /// The requests that reach the recorder when all of it is done.
    var steps: [EffectStep] {
        turns.enumerated().flatMap { index, turn in
            (0..<turn.act.calls).map { EffectStep(work: work, turn: index, call: $0) }
        }
    }

    var isPoison: Bool { turns.contains { $0.act == .poison } }
    var isHopeless: Bool { turns.contains { $0.act == .hopeless } }

    /// As it stands in the work's text: `[[w-1 Kr B A]]`.
    var text: String {
        let words = turns.map { String($0.act.rawValue) + ($0.stumble.map { String($0.rawValue) } ?? "") }
        return "[[\(work) \(words.joined(separator: " "))]]"
    }

    init(work: String, turns: [Turn]) {
        self.work = work
        self.turns = turns
    }

    /// The script in a text; nil where there is none.
    init?(in text: String) {
        guard let start = text.range(of: "[["), let end = text.range(of: "]]", range: start.upperBound..<text.endIndex)
        else { return nil }
        let words = text[start.upperBound..<end.lowerBound].split(separator: " ")
        guard let work = words.first else { return nil }
        let turns = words.dropFirst().compactMap { word -> Turn? in
            guard let act = word.first.flatMap(Act.init) else { return nil }
            return Turn(act: act, stumble: word.dropFirst().first.flatMap(Stumble.init))
        }
        guard turns.count == words.count - 1, !turns.isEmpty else { return nil }
        self.init(work: String(work), turns: turns)
    }

    /// A script of up to three rounds of calls, some of whose answers stumble.
    static func draw(work: String, _ dice: inout Dice) -> Script {
        let acts: [Act] = [.keyed, .keyed, .pair, .slow, .refused, .put]
        var turns = (0..<Int.random(in: 1...3, using: &dice)).map { _ in
            Turn(act: acts.randomElement(using: &dice) ?? .keyed)
        }
        turns.append(Turn(act: .answer))
        for index in turns.indices where dice.chance(25) {
            turns[index].stumble = Stumble.allCases.randomElement(using: &dice)
        }
        return Script(work: work, turns: turns)
    }
}

/// One change outside, as its author thinks of it: whoever makes it, and however often it is delivered.
struct EffectStep: Sendable, Hashable, CustomStringConvertible {
    let work: String
    let turn: Int
    let call: Int

    var description: String { "\(work)/\(turn)/\(call)" }

    init(work: String, turn: Int, call: Int) {
        self.work = work
        self.turn = turn
        self.call = call
    }

    /// The step that a path ends in: `…/w-1/0/1`.
    init?(path: String) {
        let parts = path.split(separator: "/").suffix(3).map(String.init)
        guard parts.count == 3, let turn = Int(parts[1]), let call = Int(parts[2]) else { return nil }
        self.init(work: parts[0], turn: turn, call: call)
    }
}
