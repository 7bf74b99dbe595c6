/// The texts that an agent on its own is guided by, as `templates/prompts/` has them. Places such as `{{iteration}}` are
/// filled in when they are used.
public struct AutonomyPrompts: Sendable, Hashable {
    /// Which text it is; the name of its file without `.md`.
    public enum Name: String, Sendable, CaseIterable {
        /// Stands behind the agent's own prompt: how to work. `{{agent.prompt}}`, `{{organization.name}}`, `{{today}}`,
        /// `{{user}}`, `{{preferences}}`, `{{colleagues}}`.
        case system
        /// What is to be done: `{{title}}`, `{{description}}`, `{{input}}`.
        case task
        /// Before each iteration: `{{iteration}}`, `{{max_iterations}}`, `{{plan}}`, `{{last}}`.
        case observation
        /// After an iteration in which everything failed: `{{errors}}`, `{{attempt}}`, `{{max_attempts}}`.
        case errorRecovery = "error-recovery"
        /// When the agent stops while phases are open: `{{open}}`.
        case completion
    }

    private let texts: [Name: String]

    /// Texts that say nothing, for whoever only looks at a run.
    public static let blank = AutonomyPrompts(texts: [:])

    private init(texts: [Name: String]) { self.texts = texts }

    /// The texts by their names.
    ///
    /// - Returns: nil where one is missing.
    public init?(_ texts: [Name: String]) {
        guard Name.allCases.allSatisfy({ texts[$0] != nil }) else { return nil }
        self.texts = texts
    }

    /// A text with its places filled in. Values are put in as they are and never looked through for places.
    public func fill(_ name: Name, _ values: [String: String]) -> String {
        var result = ""
        var rest = (texts[name] ?? "")[...]
        while let match = rest.firstMatch(of: /\{\{(.*?)\}\}/) {
            result += rest[..<match.range.lowerBound]
            result += values[String(match.1)] ?? String(match.0)
            rest = rest[match.range.upperBound...]
        }
        return result + rest
    }

    /// The places that a text may have.
    public static func places(of name: Name) -> Set<String> {
        switch name {
        case .system:
            [
                "agent.prompt", "organization.name", "organization.timezone", "organization.currency", "today", "user",
                "preferences", "colleagues",
            ]
        case .task: ["title", "description", "input"]
        case .observation: ["iteration", "max_iterations", "plan", "last", "warning"]
        case .errorRecovery: ["errors", "attempt", "max_attempts"]
        case .completion: ["open"]
        }
    }
}
