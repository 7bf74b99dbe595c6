/// Signals as text, one a line, each line a letter and what it is about: `e` events and an organisation, `c` control
/// and an execution, `w` work, `t` schedules; `*` stands for all. The first line, `s`, names the process that sent them.
///
/// A line with an unknown letter is skipped, so that processes of two versions can share a channel. A known letter with
/// a name that cannot be read stands for all of its kind: a hint too many does no harm.
public struct SignalPayload: Sendable, Hashable {
    /// Who sent it.
    public let sender: String
    /// What was sent.
    public let signals: SignalSet

    /// Puts a payload together; `sender` has no line break.
    public init(sender: String, signals: SignalSet) {
        self.sender = sender
        self.signals = signals
    }

    /// Reads a payload.
    public init(_ text: String) {
        var sender = ""
        var signals = SignalSet()
        for line in text.split(separator: "\n") {
            let name = String(line.dropFirst())
            switch line.first {
            case "s": sender = name
            case "w": signals.insert(.work)
            case "t": signals.insert(.schedules)
            case "e":
                guard let id = OrganizationID(name) else {
                    signals.formUnion(.everything.only(.events))
                    continue
                }
                signals.insert(.events(id))
            case "c":
                guard let id = ExecutionID(name) else {
                    signals.formUnion(.everything.only(.control))
                    continue
                }
                signals.insert(.control(id))
            default: continue
            }
        }
        self.init(sender: sender, signals: signals)
    }

    /// The text: ASCII, under 7 kilobytes (PostgreSQL takes 8 in a notification).
    public var text: String {
        var lines = ["s\(sender)"]
        lines += Self.lines("e", signals.events)
        if signals.hasWork { lines.append("w") }
        if signals.hasSchedules { lines.append("t") }
        lines += Self.lines("c", signals.control)
        return lines.joined(separator: "\n")
    }

    private static func lines<Kind>(_ letter: String, _ reach: SignalSet.Reach<Identifier<Kind>>) -> [String] {
        switch reach {
        case .only(let ids): ids.sorted().map { "\(letter)\($0)" }
        case .all: ["\(letter)*"]
        }
    }
}
