public import SpotterDomain

/// How `spotter hooks listen` listens.
public struct HookListening: Sendable {
    /// Whose events.
    public let organization: String
    /// On 127.0.0.1; the server must be allowed to send there.
    public let port: Int
    /// Which events a hook that is made for this sends.
    public let events: [String]
    /// A hook that sends here already; nil has one made, and deleted in the end.
    public let hook: HookID?
    /// Ends after so many messages; nil goes on until it is told to stop.
    public let count: Int?

    /// Puts the options together.
    public init(organization: String, port: Int, events: [String], hook: HookID?, count: Int?) {
        self.organization = organization
        self.port = port
        self.events = events
        self.hook = hook
        self.count = count
    }
}

/// What a listener tells of.
public enum HookHearing: Sendable {
    /// It listens, and this hook sends to it.
    case ready(HookID, url: String)
    /// A message came; `problem` says why it is not believed.
    case message(id: String, body: String, problem: String?)
}
