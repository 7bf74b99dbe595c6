import SpotterDomain

/// What of a conversation matters for the next answer: the user's last words, those they go on from, and what tools
/// have said so far.
struct Conversation {
    /// The user's last words.
    let question: Utterance
    /// What the user said before, newest first.
    private let earlier: [Utterance]
    /// Whether the assistant's last words asked for something.
    private let wasAsked: Bool
    /// Every text in earlier results, in lower case: names that occur there are known.
    let known: [String]
    /// The day it is, if the prompt says so.
    let today: CalendarDay?

    init(_ request: ModelRequest) {
        // Old messages do not decide what is meant now, and reading them all would cost time.
        let recent = request.messages.suffix(40)
        let users = recent.filter { $0.role == .user }.map { Utterance($0.saidText) }
        question = users.last ?? Utterance("")
        earlier = Array(users.dropLast().reversed().prefix(5))
        let assistant = recent.last { $0.role == .assistant }
        wasAsked = assistant?.text.contains(OfflineModel.asking) ?? false
        known = recent.flatMap(\.toolResults).suffix(8).map { $0.text.prefix(20_000).lowercased() }
        today = CalendarDay.stated(in: request.system)
    }

    /// The tool meant, and the user's words that say with what: newest first.
    struct Choice {
        let tool: ToolDescription
        let utterances: [Utterance]
    }

    /// Finds the tool by the last words, or by those they go on from ("and tomorrow?").
    func tool(by matcher: ToolMatcher) -> Choice? {
        let isAnswer = wasAsked && !question.opensTopic
        if !isAnswer, let tool = matcher.best(for: question) {
            let needsContext = question.isContinuation || question.hasPronoun
            return Choice(tool: tool, utterances: needsContext ? [question] + earlier.prefix(1) : [question])
        }
        guard question.action == nil else { return nil }
        guard isAnswer || question.isContinuation || question.isBare(of: matcher.vocabulary) else { return nil }
        var utterances = [question]
        for utterance in earlier {
            utterances.append(utterance)
            // What was itself only a value, such as an address, called for no tool.
            if utterance.isBare(of: matcher.vocabulary), !utterance.opensTopic { continue }
            if let tool = matcher.best(for: utterance) { return Choice(tool: tool, utterances: utterances) }
        }
        return nil
    }
}

extension ModelMessage {
    /// What the user has said, without the notes that stand before it.
    var saidText: String { parts.compactMap(\.text).filter { !ContextNote.isNote($0) }.joined() }
}
