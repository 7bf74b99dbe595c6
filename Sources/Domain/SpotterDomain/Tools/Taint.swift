import Foundation

/// What a run looks back on that its journal does not hold.
public struct RunPast: Sendable {
    /// What was said before, oldest first: people's messages, models' and tools'.
    public var messages: [ModelMessage]
    /// Whether it also knows things of which nobody can tell any more who said them: a summary, or working memory.
    public var isOfUnknownOrigin: Bool

    /// A past; by default none.
    public init(messages: [ModelMessage] = [], isOfUnknownOrigin: Bool = false) {
        self.messages = messages
        self.isOfUnknownOrigin = isOfUnknownOrigin
    }
}

/// Whether a model that chooses a call's arguments has read words of strangers, and what trusted sources have said.
///
/// A run is **tainted** from the first of these on, in the order in which its model reads them:
/// - its input is marked untrusted (`ExecutionOrigin.isUntrusted`: a webhook's payload, a lead's message), or the
///   execution that began it was tainted;
/// - it looks back on something of unknown origin: a summary of an older part of the conversation, or working memory;
/// - a tool that yields untrusted text has answered, in the run or in an earlier turn that the model is shown;
/// - an execution that it began, and that was tainted, has ended.
///
/// It never becomes clean again. Nothing is stored for it: the journal and the conversation say it, so a crash loses none
/// of it, and two who look at the same journal say the same.
///
/// A value is **named** when one of these has it, as a whole word:
/// - a person: the messages of the conversation that are people's, the run's own input, what they answered to `ask_user`.
///   Not so the input of a run that is marked untrusted;
/// - a record: what a tool that yields no untrusted text answered before the run was tainted. What such a tool answers
///   afterwards does not count, because a stranger may have chosen which record is read;
/// - the tenant's file: a host that `http.allow_hosts` names without a star (`ToolPolicy.namedHosts`).
///
/// What a model says names nothing.
public struct Taint: Sendable {
    /// Whether words of strangers have been read.
    public private(set) var isTainted = false
    private var trusted: [String] = []

    /// What `journal` and what it looks back on come to.
    ///
    /// - Parameter yieldsUntrustedText: whether a tool of this name does. One that is not known any more should.
    public init(_ journal: Journal, past: RunPast, yieldsUntrustedText: (String) -> Bool) {
        let origin = ExecutionOrigin(of: journal.execution)
        isTainted = past.isOfUnknownOrigin || origin.isUntrusted ?? false
        if !(origin.isUntrusted ?? false) { trust(journal.execution.input.removingOrigin) }
        for message in past.messages { read(message, yieldsUntrustedText) }
        for step in journal.steps where step.state == .completed { read(step, yieldsUntrustedText) }
    }

    /// The values that no trusted source has named. How many people are reached is a number that nobody need name.
    public func unnamed(_ values: [SensitiveValue], hosts: Set<String>) -> [SensitiveValue] {
        values.filter { value in
            switch value.role {
            case .audience: false
            case .host: !hosts.contains(value.text.lowercased()) && !isNamed(value)
            case .recipient, .amount: !isNamed(value)
            }
        }
    }

    private mutating func read(_ message: ModelMessage, _ yieldsUntrustedText: (String) -> Bool) {
        switch message.role {
        case .user: trusted.append(message.text)
        case .assistant: break
        case .tool: for result in message.toolResults { read(result, yieldsUntrustedText) }
        }
    }

    private mutating func read(_ step: Step, _ yieldsUntrustedText: (String) -> Bool) {
        switch step.kind {
        case .tool:
            guard let result = try? step.output?.decodedUnchecked(as: ToolResult.self) else {
                // What cannot be read may have said anything.
                isTainted = true
                return
            }
            read(result, yieldsUntrustedText)
        case .child: if step.output?["is_untrusted"]?.bool ?? false { isTainted = true }
        case .input: if let answer = step.output { trust(answer) }
        case .model, .timer, .compaction, .approval, .node: break
        }
    }

    private mutating func read(_ result: ToolResult, _ yieldsUntrustedText: (String) -> Bool) {
        if yieldsUntrustedText(result.name) {
            isTainted = true
        } else if !isTainted, !result.isError {
            trust(result.output)
        }
    }

    /// Every text and number of a value.
    private mutating func trust(_ value: JSONValue) {
        switch value {
        case .string(let text): trusted.append(text)
        case .int, .double: trusted.append(value.description)
        case .array(let elements): for element in elements { trust(element) }
        case .object(let object): for (_, member) in object { trust(member) }
        case .null, .bool: break
        }
    }

    private func isNamed(_ value: SensitiveValue) -> Bool {
        if let number = value.number { return trusted.contains { $0.names(number) } }
        return trusted.contains { $0.names(value.text, as: value.role) }
    }
}

extension String {
    /// Whether `word` stands in the text, not as a part of a longer name, address or number. Case makes no difference.
    fileprivate func names(_ word: String, as role: ArgumentRole) -> Bool {
        let word = word.trimmingCharacters(in: .whitespaces)
        guard !word.isEmpty else { return false }
        var rest = self[...]
        while let place = rest.range(of: word, options: [.caseInsensitive, .literal]) {
            let (before, after) = (self[..<place.lowerBound].last, self[place.upperBound...])
            // The part of an address behind its @ is no host that somebody has named.
            let isFree = before.map { !$0.isPartOfName && !".+@".contains($0) } ?? true
            if isFree, !after.goesOnAsName { return true }
            rest = self[self.index(after: place.lowerBound)...]
        }
        return false
    }

    /// Whether the number stands in the text: `1,250.00` is 1250.
    fileprivate func names(_ number: Decimal) -> Bool {
        let pieces = split { !$0.isASCII || !($0.isNumber || ".,-".contains($0)) }
        return pieces.contains { piece in
            var text = piece.filter { $0 != "," }
            while let last = text.last, !last.isNumber { text.removeLast() }
            return SensitiveValue.number(text) == number
        }
    }
}

extension Character {
    fileprivate var isPartOfName: Bool { isLetter || isNumber || self == "-" || self == "_" }
}

extension Substring {
    /// Whether a name that ended here would go on: a letter, or a dot with a letter behind it.
    fileprivate var goesOnAsName: Bool {
        guard let next = first else { return false }
        if next.isPartOfName || next == "@" { return true }
        return next == "." && (dropFirst().first?.isPartOfName ?? false)
    }
}
