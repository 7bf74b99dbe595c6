import DevToolsKit
public import SpotterDomain

/// Does something with an element of the page that is open.
public struct InteractElement: Tool {
    /// What there is to do.
    enum Action: String, Codable, CaseIterable, SchemaDescribed {
        case click, type, select, submit
    }

    /// What to do with what.
    public struct Arguments: Codable, Sendable {
        let element: String
        let name: String
        let page: String
        let action: Action
        let value: String?
    }

    private let desk: BrowserDesk

    /// A tool over the pages that are open.
    public init(desk: BrowserDesk) { self.desk = desk }

    /// `interact_element`
    public let name = "interact_element"
    /// What a model is told.
    public let summary = """
        Click, type into, select in or submit an element of the page that is open in this run, and see the page after \
        that. Name the element, its name and the page's URL exactly as navigate_browser showed them: people who are \
        asked about the call see nothing else. It may have an effect that cannot be taken back, so never repeat it blindly.
        """
    /// Of use to agents of every kind.
    public let category = ToolCategory.core
    /// May do anything that the web site lets a visitor do.
    public let access = ToolAccess.outward
    /// No web site knows a repeated click from a second one.
    public let effect = ToolEffect.unsafe
    /// Web pages are anybody's.
    public let yieldsUntrustedText = true

    /// Does it and shows the page; in a dry run only says what would be done.
    public func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        _ = try desk.policy(for: context)
        guard let (document, element) = PageView.element(arguments.element) else {
            throw ToolFailure("element must be a name such as d1e7, as navigate_browser gives it.")
        }
        let needsValue = arguments.action == .type || arguments.action == .select
        guard needsValue == (arguments.value != nil) else {
            throw ToolFailure(
                needsValue
                    ? "\(arguments.action.rawValue) needs a value." : "\(arguments.action.rawValue) takes no value.")
        }
        if context.isDryRun {
            return [
                "dry_run": true, "summary": "Nothing was done.",
                "would": .string("\(arguments.action.rawValue) \(arguments.name) on \(arguments.page)"),
            ]
        }
        return try await desk.with(context, opens: false) { visit in
            let before = try await visit.page.run(PageScripts.view, PageScripts.Bounds(), as: PageView.self)
            guard before.document == document else { throw Self.gone }
            guard before.value.url == arguments.page else {
                throw ToolFailure(
                    "The page that is open is not \(arguments.page). Read it again with navigate_browser.")
            }
            visit.fetcher.begin()
            visit.page.beginAct()
            let act = PageScripts.Act(
                element: element, name: arguments.name, action: arguments.action.rawValue, value: arguments.value)
            if let failure = Self.failure(try await visit.page.run(PageScripts.act, act, as: String.self).value) {
                throw failure
            }
            return try await visit.shown()
        }
    }

    private static let gone = ToolFailure(
        "The page has changed since: that element is not there any more. Read it again with navigate_browser.")

    /// Nil where it was done.
    private static func failure(_ outcome: String) -> ToolFailure? {
        switch outcome {
        case "done": nil
        case "gone": gone
        case "disabled": ToolFailure("The element cannot be used now: it is disabled or read-only.")
        case "file": ToolFailure("Files cannot be given to pages.")
        case "no text": ToolFailure("Nothing can be typed into this element.")
        case "no choice": ToolFailure("This element has nothing to select. Only those of kind select do.")
        case "no option": ToolFailure("There is no such option. Give one of its options exactly.")
        case "no form": ToolFailure("The element belongs to no form that could be submitted.")
        case let text where text.hasPrefix("renamed:"):
            ToolFailure("The element is called \"\(text.dropFirst(8))\", not what you said. Read the page again.")
        default: ToolFailure("That could not be done with this element.")
        }
    }
}

extension InteractElement.Arguments: FieldsDescribed {
    /// What its members mean.
    public static let fields: [String: Field] = [
        "element": Field("The element, as navigate_browser named it.", length: 4...24, example: "d1e7"),
        "name": Field("The element's own name, exactly as it was shown.", length: 0...200, example: "Book now"),
        "page": Field(
            "The URL of the page, exactly as it was shown.", length: 8...2000,
            example: "https://www.example.com/classes"),
        "action": Field("click, type, select or submit. Typing replaces what stood there."),
        "value": Field("What to type, or which option to select. For type and select alone.", length: 0...5_000),
    ]
}
