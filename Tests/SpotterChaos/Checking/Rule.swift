/// What must hold after a run, whatever happened in it.
struct Rule: Sendable {
    /// A promise that was broken.
    struct Violation: Sendable, Hashable, CustomStringConvertible {
        let rule: String
        let text: String
        var description: String { "\(rule): \(text)" }
    }

    let name: String
    private let breaches: @Sendable (History) -> [String]

    init(_ name: String, _ breaches: @escaping @Sendable (History) -> [String]) {
        self.name = name
        self.breaches = breaches
    }

    /// A rule that looks at each organisation alone.
    init(ofEach name: String, _ breaches: @escaping @Sendable (OrganizationHistory, History) -> [String]) {
        self.init(name) { history in
            history.organizations.flatMap { organization in
                breaches(organization, history).map { "\(organization.name): \($0)" }
            }
        }
    }

    func violations(in history: History) -> [Violation] {
        breaches(history).map { Violation(rule: name, text: $0) }
    }

    /// Every rule there is.
    static let all: [Rule] = acceptance + endings + waits + journals + effects + environment

    /// Everything in a history that breaks a rule.
    static func check(_ history: History) -> [Violation] { all.flatMap { $0.violations(in: history) } }
}

extension Sequence where Element: Hashable {
    /// Those that occur more than once.
    var repeated: [Element] {
        var counts: [Element: Int] = [:]
        for element in self { counts[element, default: 0] += 1 }
        return counts.filter { $0.value > 1 }.map(\.key)
    }
}

extension OrganizationHistory {
    var executionsByID: [String: ExecutionEntry] {
        Dictionary(executions.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
