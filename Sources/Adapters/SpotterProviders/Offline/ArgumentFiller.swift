import Foundation
import SpotterDomain

/// Takes a tool's arguments from the user's words. What cannot be found is left out, and asked for where it is required.
struct ArgumentFiller {
    private let tool: ToolDescription
    private let vocabulary: Set<String>
    private let conversation: Conversation

    /// - Parameter vocabulary: the stems of what the tools are about: words that name nothing.
    init(_ tool: ToolDescription, vocabulary: Set<String>, conversation: Conversation) {
        self.tool = tool
        self.vocabulary = vocabulary
        self.conversation = conversation
    }

    struct Filled {
        var arguments = JSONObject()
        var missing: [JSONSchema.Property] = []
    }

    /// - Parameter utterances: newest first, back to the one that called for the tool.
    func fill(from utterances: [Utterance]) -> Filled {
        let values = values(in: utterances[...])
        var filled = Filled()
        for property in tool.parameters.properties {
            if let value = values[property.name] {
                filled.arguments[property.name] = value
            } else if property.isRequired {
                filled.missing.append(property)
            }
        }
        return filled
    }

    private func values(in utterances: ArraySlice<Utterance>) -> [String: JSONValue] {
        guard let newest = utterances.first else { return [:] }
        let new = values(in: newest)
        guard utterances.count > 1 else { return new }
        let old = values(in: utterances.dropFirst())
        // Something was missing, so it was asked for, and this is the answer: it changes nothing that was known.
        // Otherwise it goes on from a whole question ("and on Friday?") and replaces what it names.
        guard let asked = tool.parameters.properties.first(where: { $0.isRequired && old[$0.name] == nil }) else {
            return old.merging(new) { _, new in new }
        }
        var values = old.merging(new) { old, _ in old }
        if values[asked.name] == nil { values[asked.name] = wholeText(of: newest, for: asked) }
        return values
    }

    private func values(in utterance: Utterance) -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        var reader = UtteranceReader(utterance, vocabulary: vocabulary, known: conversation.known)
        // What leaves no doubt is taken first, so that a name is not looked for in an address.
        for role in tool.parameters.properties.map(ParameterRole.init).sorted(by: { $0.rank < $1.rank }) {
            guard let value = value(for: role, &reader, utterance) else { continue }
            // A number out of range is passed on: the tool says what it allows. Anything else unfit is no value.
            let isFit = role.kind == .number || role.kind == .days || role.property.schema.issues(in: value).isEmpty
            if isFit { values[role.property.name] = value }
        }
        return values
    }

    /// Bare words after a question of ours are the text that was asked for.
    private func wholeText(of answer: Utterance, for asked: JSONSchema.Property) -> JSONValue? {
        guard [.body, .query, .name, .text, .recipient].contains(ParameterRole(asked).kind) else { return nil }
        let text = answer.text.trimmingCharacters(in: .whitespacesAndNewlines)
        let value = JSONValue.string(text)
        return !text.isEmpty && asked.schema.issues(in: value).isEmpty ? value : nil
    }

    private func value(
        for role: ParameterRole, _ reader: inout UtteranceReader, _ utterance: Utterance
    ) -> JSONValue? {
        switch role.kind {
        case .id: role.idPrefix.flatMap { reader.id(prefix: $0) }.map(JSONValue.string)
        case .email: reader.email().map(JSONValue.string)
        case .phone: reader.phone().map(JSONValue.string)
        case .recipient: (reader.email() ?? reader.phone() ?? reader.name()).map(JSONValue.string)
        case .date: day(for: role, utterance).map(JSONValue.string)
        case .time: utterance.times.first.map(JSONValue.string)
        case .days: dayCount(utterance).map { .int(Int64($0)) }
        case .number: reader.number(for: role).flatMap { number($0, role.property.schema) }
        case .boolean: flag(role, utterance).map(JSONValue.bool)
        case .enumeration: reader.choice(among: role.property.schema.values).map(JSONValue.string)
        case .body: reader.body().map(JSONValue.string)
        case .query: reader.query().map(JSONValue.string)
        case .name: reader.name(of: role.noun, isRequired: role.property.isRequired).map(JSONValue.string)
        case .text: reader.text(about: role.noun).map(JSONValue.string)
        case .list: list(role, &reader, utterance)
        case .unsupported: nil
        }
    }

    private func number(_ value: Double, _ schema: JSONSchema) -> JSONValue? {
        if let whole = Int64(exactly: value) { return .int(whole) }
        return schema.kind == .number ? .double(value) : nil
    }

    // MARK: Days

    private func day(for role: ParameterRole, _ utterance: Utterance) -> String? {
        let start = utterance.days.first { !$0.isEnd } ?? utterance.days.first
        let end = utterance.days.first(where: \.isEnd) ?? (utterance.days.count > 1 ? utterance.days.last : nil)
        let isRange = tool.parameters.properties.contains { ParameterRole($0).isEnd && ParameterRole($0).kind == .date }
        // "due" alone is no range: its day is simply the day.
        let wanted =
            role.isEnd && (end != nil || isRange && utterance.days.count > 1)
            ? end : role.isEnd && hasStart ? nil : start
        guard let wanted else { return nil }
        if case .word(let word) = wanted.day, role.takesDayWords { return word }
        guard let date = wanted.day.resolved(today: conversation.today) else { return nil }
        return role.isTimestamp ? "\(date)T00:00:00Z" : date.description
    }

    private var hasStart: Bool {
        tool.parameters.properties.contains { ParameterRole($0).kind == .date && !ParameterRole($0).isEnd }
    }

    private func dayCount(_ utterance: Utterance) -> Int? {
        for number in utterance.numbers {
            guard let unit = number.after.first, let value = Int(exactly: number.value), (0...10_000).contains(value)
            else { continue }
            if unit == "day" { return value }
            if unit == "week" { return value * 7 }
        }
        let words = utterance.pieces.flatMap(\.words)
        let weekdays = utterance.days.compactMap { mention -> Int? in
            if case .word(let word) = mention.day { CalendarDay.weekday(named: word) } else { nil }
        }
        if weekdays.count == 2, utterance.days.contains(where: \.isEnd) {
            return (weekdays[1] - weekdays[0] + 7) % 7 + 1
        }
        if utterance.days.map(\.day) == [.word("today"), .word("tomorrow")] { return 2 }
        if words.contains("weekend") { return 2 }
        if words.contains("fortnight") { return 14 }
        return words.contains("week") ? 7 : nil
    }

    // MARK: Others

    private func flag(_ role: ParameterRole, _ utterance: Utterance) -> Bool? {
        let wanted = role.tokens.filter { !["is", "has", "include", "with", "only", "should", "show"].contains($0) }
            .map(Vocabulary.stem)
        guard !wanted.isEmpty else { return nil }
        let stems = utterance.pieces.flatMap(\.words).map(Vocabulary.stem)
        guard let first = wanted.first, let place = stems.firstIndex(of: first), wanted.allSatisfy(stems.contains)
        else {
            return nil
        }
        let before = stems[max(0, place - 3)..<place]
        return !before.contains { ["not", "no", "without", "exclud", "except", "skip", "don"].contains($0) }
    }

    private func list(
        _ role: ParameterRole, _ reader: inout UtteranceReader, _ utterance: Utterance
    ) -> JSONValue? {
        guard let element = role.property.schema.elements.first else { return nil }
        if !element.values.isEmpty {
            let chosen = element.values.filter { reader.contains($0) }
            return chosen.isEmpty ? nil : .array(chosen.map(JSONValue.string))
        }
        let isAddress = role.tokens.contains { ["email", "emails", "recipients", "to"].contains($0) }
        let items = isAddress ? utterance.emails : utterance.quoted
        return items.isEmpty ? nil : .array(items.map(JSONValue.string))
    }
}

extension ParameterRole {
    /// The order in which parameters take what they need from the words.
    fileprivate var rank: Int {
        switch kind {
        case .id: 0
        case .email, .phone: 1
        case .enumeration: 2
        case .date, .time, .days, .boolean, .list: 3
        case .number: 4
        case .recipient: 5
        case .body: 6
        case .name: 7
        case .query: 8
        case .text, .unsupported: 9
        }
    }
}
