import SpotterDomain

/// Which try of which round of which node a step of the journal belongs to; the step's name, or the id of a tool's call.
///
/// `draft` is the first try of the first round, `draft#2` of the second round of a loop, `draft#2/3` the third try there.
/// `draft#2/3:backoff` is the wait before the fourth, and `draft#2:passed` says where the run went from there. Names of
/// nodes have none of these signs.
struct NodeKey: Hashable {
    /// What the step does for the node.
    enum Role: String {
        /// What the node is there for.
        case work
        /// The wait before the next try.
        case backoff
        /// Says which edges were taken, and what variables became.
        case passed
    }

    let node: String
    /// From 1 on.
    let round: Int
    /// From 1 on.
    let attempt: Int
    let role: Role

    init(_ node: String, round: Int = 1, attempt: Int = 1, role: Role = .work) {
        self.node = node
        self.round = round
        self.attempt = attempt
        self.role = role
    }

    var text: String {
        var text = node
        if round > 1 { text += "#\(round)" }
        if attempt > 1 { text += "/\(attempt)" }
        if role != .work { text += ":\(role.rawValue)" }
        return text
    }

    /// Reads what `text` writes; nil for anything else.
    ///
    /// Bytes are enough, and fast: all steps of a run are read for each decision about it.
    init?(_ text: String) {
        var rest = Substring(text).utf8
        var role = Role.work
        if let colon = rest.lastIndex(of: UInt8(ascii: ":")) {
            guard let read = Role(rawValue: String(Substring(rest[rest.index(after: colon)...]))) else { return nil }
            role = read
            rest = rest[..<colon]
        }
        guard let attempt = Self.takeNumber(after: UInt8(ascii: "/"), from: &rest),
            let round = Self.takeNumber(after: UInt8(ascii: "#"), from: &rest), !rest.isEmpty
        else { return nil }
        self.init(String(Substring(rest)), round: round, attempt: attempt, role: role)
    }

    /// The key of a step; nil for one that is no node's.
    init?(of step: Step) {
        switch step.kind {
        case .tool:
            guard let call = step.input["call_id"]?.string else { return nil }
            self.init(call)
        case .child, .timer, .input, .approval, .node: self.init(step.name)
        case .model, .compaction: return nil
        }
    }

    private static func takeNumber(after sign: UInt8, from text: inout Substring.UTF8View) -> Int? {
        guard let place = text.lastIndex(of: sign) else { return 1 }
        guard let number = Int(Substring(text[text.index(after: place)...])), number > 1 else { return nil }
        text = text[..<place]
        return number
    }
}
