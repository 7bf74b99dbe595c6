/// An event that starts a workflow.
public struct WorkflowTrigger: Sendable, Codable, Hashable {
    /// Types of events, as the stream of events filters them: `custom.lead_created`, `execution.*`; several with commas between.
    public var event: String
    /// Whether this event does, as an expression over `event`; nil means that every one does. See ``Expression``.
    public var condition: String?
    /// What the workflow is started with: an object whose texts may hold `{{ expressions }}` over `event`.
    public var input: JSONValue?

    /// A trigger; with the defaults every event of the types starts the workflow, without input.
    public init(event: String, condition: String? = nil, input: JSONValue? = nil) {
        self.event = event
        self.condition = condition
        self.input = input
    }

    /// What is wrong with it as the start of a workflow with these variables, with the places in a document where it
    /// stands at `pointer`.
    public func issues(startingWith variables: [String: WorkflowVariable], at pointer: String) -> [FieldIssue] {
        var issues = issues().map { FieldIssue(pointer: pointer + $0.pointer, message: $0.message) }
        for name in input?.object?.keys ?? [] where variables[name] == nil {
            let hint = DidYouMean.hint(for: name, among: variables.keys.sorted())
            issues.append(
                FieldIssue(
                    pointer: "\(pointer)/input/\(JSONSchema.escape(name))",
                    message: "must be a variable of the workflow\(hint)"))
        }
        return issues
    }

    /// What is wrong with it, with the places in it.
    public func issues() -> [FieldIssue] {
        do { _ = try CheckedTrigger(self) } catch { return (error as? SpotterError)?.issues ?? [] }
        return []
    }
}

extension WorkflowTrigger: FieldsDescribed {
    /// Meaning and bounds of the members.
    public static let fields: [String: Field] = [
        "event": Field("Types of events that start the workflow, such as `custom.lead_created`.", length: 1...500),
        "condition": Field("Which of them do, as an expression over `event`; every one by default.", length: 1...4_000),
        "input": Field("What the workflow is started with; its texts may hold {{ expressions }} over `event`."),
    ]
}

/// A trigger that can be tried on events.
public struct CheckedTrigger: Sendable, Hashable {
    /// Types of events.
    public let filter: EventTypeFilter
    /// Whether an event starts the workflow; nil means that it does.
    public let condition: Expression?
    /// What it is started with.
    public let input: JSONTemplate

    /// - Throws: `SpotterError` with code `.invalid` and everything that is wrong, at its place in the trigger.
    public init(_ trigger: WorkflowTrigger) throws {
        var issues = IssueList()
        var filter = EventTypeFilter.all
        do {
            filter = try EventTypeFilter(trigger.event)
        } catch {
            let message = (error as? SpotterError)?.issues.first?.message ?? "cannot be read"
            issues.add("/event", message)
        }
        let names = TriggerNames()
        var condition: Expression?
        if let text = trigger.condition {
            do throws(ExpressionError) {
                let read = try Expression(text)
                var checker = ExpressionChecker(names)
                checker.checkCondition(read)
                for error in checker.errors { issues.add("/condition", "has a mistake \(error)") }
                condition = read
            } catch {
                issues.add("/condition", "has a mistake \(error)")
            }
        }
        input = Self.input(trigger.input ?? [:], names, in: &issues)
        self.filter = filter
        self.condition = condition
        guard issues.issues.isEmpty else { throw SpotterError.invalid(issues.issues) }
    }

    private static func input(
        _ value: JSONValue, _ names: TriggerNames, in issues: inout IssueList
    ) -> JSONTemplate {
        guard value.object != nil else {
            issues.add("/input", "must be an object, not \(value.kindName)")
            return .literal([:])
        }
        do throws(TemplateIssues) {
            let template = try JSONTemplate(checking: value)
            template.eachPlaceholder { place, placeholder in
                var checker = ExpressionChecker(names)
                _ = checker.facts(of: placeholder.expression)
                for error in checker.errors {
                    issues.add("/input\(place)", "has a mistake \(error.moved(by: placeholder.start))")
                }
            }
            return template
        } catch {
            for issue in error.issues { issues.add("/input\(issue.pointer)", issue.message) }
            return .literal([:])
        }
    }

    /// What the workflow is started with by an event of this value; nil where the trigger leaves it alone.
    ///
    /// - Parameter event: as the stream of events shows it: `{id, type, at, data, …}`.
    /// - Throws: why the condition or the input has no value for this event.
    public func input(for event: JSONValue) throws -> JSONObject? {
        guard let type = event["type"]?.string, filter.matches(type) else { return nil }
        let scope = ExpressionScope(["event": event])
        if let condition, try !condition.isTrue(in: scope) { return nil }
        return try input.evaluate(in: scope).object ?? [:]
    }
}

/// An event is all that a trigger may name.
private struct TriggerNames: ExpressionVocabulary {
    func facts(of reference: ExpressionReference) throws(ExpressionError) -> ExpressionFacts {
        guard reference.root == "event" else {
            let hint = DidYouMean.hint(for: reference.root, among: ["event"])
            throw ExpressionError(
                .unknownName, at: reference.at,
                "there is nothing called \(reference.root.prefix(40)): there is event\(hint)")
        }
        return .anything
    }
}
