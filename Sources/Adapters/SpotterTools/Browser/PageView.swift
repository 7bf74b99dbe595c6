import DevToolsKit
import SpotterDomain

/// What there is on a page, as a model is shown it.
struct PageView: Sendable, Decodable {
    struct Link: Sendable, Decodable {
        let element: Int
        let text: String
        let url: String
    }

    struct Control: Sendable, Decodable {
        let element: Int
        let kind: String
        let name: String
        let value: String?
        let options: [String]?
    }

    let title: String
    let url: String
    let text: String
    let isCut: Bool
    let links: [Link]
    let controls: [Control]

    /// How elements are named in calls: the number of their document, then their own in it, so that a name from before
    /// never means something on a page that came after.
    static func handle(_ element: Int, of document: Int) -> String { "d\(document)e\(element)" }

    /// Reads such a name.
    static func element(_ handle: String) -> (document: Int, element: Int)? {
        guard handle.hasPrefix("d"), handle.utf8.count <= 24 else { return nil }
        let parts = handle.dropFirst().split(separator: "e", omittingEmptySubsequences: false)
        guard parts.count == 2, let document = Int(parts[0]), let element = Int(parts[1]), document > 0, element > 0
        else { return nil }
        return (document, element)
    }

    func json(document: Int, isStill: Bool, _ fetcher: BrowserFetcher) -> JSONValue {
        var object = JSONObject()
        object["title"] = .string(title)
        object["url"] = .string(url)
        object["status"] = fetcher.status.map { .int(Int64($0)) }
        object["text"] = .string(text)
        if isCut { object["text_is_cut"] = true }
        if !isStill { object["is_still_loading"] = true }
        object["links"] = .array(
            links.map { link in
                [
                    "element": .string(Self.handle(link.element, of: document)), "text": .string(link.text),
                    "url": .string(link.url),
                ]
            })
        object["controls"] = .array(
            controls.map { control in
                var shown = JSONObject()
                shown["element"] = .string(Self.handle(control.element, of: document))
                shown["kind"] = .string(control.kind)
                shown["name"] = .string(control.name)
                shown["value"] = control.value.map(JSONValue.string)
                shown["options"] = control.options.map { .array($0.map(JSONValue.string)) }
                return .object(shown)
            })
        let troubles = fetcher.troubles
        if !troubles.isEmpty {
            object["not_loaded"] = .array(
                troubles.map { ["host": .string($0.host), "why": .string($0.sentence)] })
        }
        return .object(object)
    }
}

extension BrowserDesk.Visit {
    /// Waits until the page is still, and shows it.
    ///
    /// - Throws: `ToolFailure` where the page has gone to a place that is not allowed.
    func shown() async throws -> JSONValue {
        let isStill = try await page.settle()
        let answer = try await page.run(PageScripts.view, PageScripts.Bounds(), as: PageView.self)
        guard answer.value.url.hasPrefix("https://") || answer.value.url.hasPrefix("http://") else {
            throw ToolFailure(
                fetcher.pageTrouble?.sentence
                    ?? "The page is empty: it leads to something that is no web page, such as a file to download.")
        }
        return answer.value.json(document: answer.document, isStill: isStill, fetcher)
    }
}
