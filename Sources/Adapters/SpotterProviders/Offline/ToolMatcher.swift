import Foundation
import SpotterDomain

/// Finds the tool that the user's words mean: BM25 (Robertson, Zaragoza 2009) over names, descriptions and parameters,
/// with field weights and a threshold under which no tool is meant.
struct ToolMatcher {
    private struct Document {
        let tool: ToolDescription
        /// Stem → weighted count.
        var terms: [String: Double] = [:]
        var length = 0.0
        /// Stems of name and description: what the tool is about.
        var core: Set<String> = []
        var nameStems: Set<String> = []

        mutating func add(_ text: String, weight: Double, isCore: Bool) {
            for stem in Vocabulary.contentStems(of: text) {
                terms[stem, default: 0] += weight
                length += weight
                if isCore { core.insert(stem) }
            }
        }
    }

    private let documents: [Document]
    private let averageLength: Double
    /// Every stem of the tools' names and descriptions: words that name no entity.
    let vocabulary: Set<String>

    /// Every stem that occurs anywhere in the tools.
    private let terms: Set<String>

    /// Below this a match is chance. Found on the questions of the tests.
    static let threshold = 0.9

    init(_ tools: [ToolDescription]) {
        documents = tools.map { tool in
            var document = Document(tool: tool)
            document.add(tool.name, weight: 3, isCore: true)
            document.nameStems = document.core
            document.add(tool.summary, weight: 1, isCore: true)
            for property in tool.parameters.properties {
                document.add(property.name, weight: 0.8, isCore: false)
                document.add(property.schema.description ?? "", weight: 0.25, isCore: false)
                for value in property.schema.values { document.add(value, weight: 0.4, isCore: false) }
            }
            return document
        }
        averageLength = max(1, documents.reduce(0) { $0 + $1.length } / Double(max(1, documents.count)))
        vocabulary = documents.reduce(into: []) { $0.formUnion($1.core) }
        terms = documents.reduce(into: []) { $0.formUnion($1.terms.keys) }
    }

    /// The tool that fits best, or nil when none fits well enough. Of equals, the first.
    func best(for utterance: Utterance) -> ToolDescription? {
        let query = utterance.query
        guard !query.isEmpty else { return nil }
        var best: (tool: ToolDescription, score: Double)?
        for document in documents where allows(utterance.action, document) {
            let score = score(of: document, for: query, utterance)
            if score >= Self.threshold, score > best?.score ?? 0 { best = (document.tool, score) }
        }
        return best?.tool
    }

    /// An order to do something is not answered by a tool that only knows something near it.
    private func allows(_ action: String?, _ document: Document) -> Bool {
        guard let action else { return true }
        let stems = Vocabulary.expansions(of: Vocabulary.stem(action)).map(\.stem)
        // In a description, "message" and "charge" are things more often than deeds.
        return stems.contains(where: document.nameStems.contains)
            || stems.contains { Vocabulary.deeds.contains($0) && document.core.contains($0) }
    }

    private func score(of document: Document, for query: [Utterance.Term], _ utterance: Utterance) -> Double {
        var sum = 0.0
        var matched = 0.0
        var total = 0.0
        var isCore = false
        let isSearch = query.contains { Utterance.searching.contains($0.stem) }
        for term in query {
            total += share(of: term, isSearch: isSearch)
            // A word counts once, by itself or by its best synonym.
            var found = 0.0
            for (stem, weight) in Vocabulary.expansions(of: term.stem) where document.terms[stem] != nil {
                found = max(found, weight * relevance(of: stem, in: document))
                if document.core.contains(stem) { isCore = true }
            }
            guard found > 0 else { continue }
            sum += found * term.weight
            if !term.isName { matched += term.weight }
        }
        guard isCore else { return 0 }
        return sum * (0.4 + 0.6 * (total > 0 ? matched / total : 0)) + bonus(for: document.tool, utterance)
    }

    /// How much a term counts among those that should match. Names match nothing, and after "find" any word may be one.
    private func share(of term: Utterance.Term, isSearch: Bool) -> Double {
        if term.isName { return 0 }
        let isKnown = Vocabulary.expansions(of: term.stem).contains { terms.contains($0.stem) }
        return isSearch && !isKnown ? 0.2 * term.weight : term.weight
    }

    private func relevance(of stem: String, in document: Document) -> Double {
        let count = document.terms[stem] ?? 0
        let holders = Double(documents.count { $0.terms[stem] != nil })
        let rarity = log(1 + (Double(documents.count) - holders + 0.5) / (holders + 0.5)) + 0.25
        let (k1, b) = (1.2, 0.4)
        return rarity * count * (k1 + 1) / (count + k1 * (1 - b + b * document.length / averageLength))
    }

    /// A tool that can use what the words hold, such as a date, is likelier to be meant.
    private func bonus(for tool: ToolDescription, _ utterance: Utterance) -> Double {
        let roles = Set(tool.parameters.properties.map { ParameterRole($0).kind })
        var bonus = 0.0
        if !utterance.days.isEmpty, roles.contains(.date) || roles.contains(.days) { bonus += 0.3 }
        if !utterance.times.isEmpty, roles.contains(.time) { bonus += 0.3 }
        if !utterance.emails.isEmpty, roles.contains(.email) || roles.contains(.query) { bonus += 0.3 }
        if !utterance.phones.isEmpty, roles.contains(.phone) || roles.contains(.query) { bonus += 0.3 }
        if !utterance.names.isEmpty, roles.contains(.query) { bonus += 0.1 }
        let prefixes = tool.parameters.properties.compactMap { ParameterRole($0).idPrefix }
        if utterance.typeIds.contains(where: { id in prefixes.contains { id.hasPrefix("\($0)_") } }) { bonus += 1.5 }
        return bonus
    }
}
