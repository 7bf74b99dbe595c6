/// Why something with a browser did not work. Names no address and repeats nothing that a page said.
public enum DevToolsError: Error, Sendable, Hashable {
    /// No browser is installed where it was looked for.
    case notInstalled
    /// It is there and did not start; the text is for the operator.
    case notStarted(String)
    /// The browser has ended, or was closed.
    case closed
    /// The page's process has ended.
    case crashed
    /// The browser refused a command, in its own words.
    case refused(method: String, message: String)
    /// No answer within the time.
    case timedOut(method: String)
    /// What the browser wrote is not the protocol.
    case protocolViolation(String)
}
