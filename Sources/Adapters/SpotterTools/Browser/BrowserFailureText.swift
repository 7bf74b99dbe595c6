import DevToolsKit
import HTTPClientKit
import SpotterDomain

/// What went wrong with a page, in words for a model.
struct BrowserFailureText {
    let policy: BrowserPolicy

    /// Why an address could not be loaded.
    func sentence(for error: any Error) -> String {
        guard let error = error as? GuardedError else { return "The page's request was given up." }
        switch error {
        case .hostNotAllowed(let host): return refusal(of: host)
        case .plainHTTPNotAllowed: return "Plain http is not allowed for this gym's browser. Use https://."
        case .transport(.tooLarge): return "The page is larger than this gym's browser may load."
        default:
            return HTTPFailureText(
                policy: HTTPPolicy(hosts: policy.hosts, allowsPlainHTTP: policy.allowsPlainHTTP), isRepeatable: true
            ).sentence(for: error)
        }
    }

    private func refusal(of host: String) -> String {
        let known = policy.hosts.map(\.description)
        guard !known.isEmpty else {
            return "No host is allowed for this gym's browser yet. An operator allows one by adding "
                + "`browser: {enabled: true, allow_hosts: [\"\(host)\"]}` to the gym's file in tenants/ and reloading."
        }
        let listed = known.prefix(20).joined(separator: ", ") + (known.count > 20 ? ", …" : "")
        return "The host \(host) is not allowed for the browser\(DidYouMean.hint(for: host, among: known)). "
            + "Allowed: \(listed). An operator can add it to `browser.allow_hosts` in the gym's file in tenants/."
    }

    /// Why there is no page, or none any more.
    static func failure(_ error: DevToolsError) -> ToolFailure {
        switch error {
        case .notInstalled:
            ToolFailure(
                "No browser is installed on the server. An operator installs Chromium (apt-get install chromium) or sets "
                    + "SPOTTER_CHROMIUM; trying again does not help.")
        case .notStarted:
            ToolFailure(
                "The browser on the server does not start. An operator finds out why with `spotter doctor`; trying again "
                    + "does not help.")
        case .closed, .crashed:
            ToolFailure("The browser has ended, and its pages with it. Open the page again with navigate_browser.")
        case .refused("open", _):
            ToolFailure("The server's browser has as many pages open as it may. Try again in a minute.")
        case .timedOut:
            ToolFailure("The page does not answer: its scripts keep it busy. It was closed; use another page.")
        case .refused, .protocolViolation:
            ToolFailure("The browser could not do that with this page. Open it again, or use another page.")
        }
    }
}
