import Foundation
import SpotterDomain
import Testing

@Suite struct SignalSetTests {
    private static func organization() -> OrganizationID { RandomIDGenerator().id(at: .now) }
    private static func execution() -> ExecutionID { RandomIDGenerator().id(at: .now) }

    @Test func `a signal that comes twice is kept once`() {
        let organization = Self.organization()
        var set = SignalSet()
        #expect(set.isEmpty)
        set.insert(.events(organization))
        set.insert(.events(organization))
        set.insert(.work)
        #expect(set.events == .only([organization]))
        #expect(set.hasWork)
        #expect(set.control.isEmpty)
    }

    @Test func `above a hundred names it says all`() {
        var set = SignalSet()
        for _ in 0..<SignalSet.limit { set.insert(.events(Self.organization())) }
        #expect(set.events != .all)
        set.insert(.events(Self.organization()))
        #expect(set.events == .all)
        #expect(set.events.contains(Self.organization()))
        #expect(set.control.isEmpty)
    }

    @Test func `two sets make one, and one kind can be taken out of it`() {
        let (organization, execution) = (Self.organization(), Self.execution())
        var (set, other) = (SignalSet(), SignalSet())
        set.insert(.events(organization))
        other.insert(.control(execution))
        other.insert(.work)
        set.formUnion(other)
        #expect(set.only(.control).control == .only([execution]))
        #expect(set.only(.control).events.isEmpty && !set.only(.control).hasWork)
        set.formUnion(.everything)
        #expect(set == .everything)
    }

    @Test func `a payload is read as it was written, and the largest is short enough for PostgreSQL`() {
        var set = SignalSet()
        for _ in 0..<SignalSet.limit {
            set.insert(.events(Self.organization()))
            set.insert(.control(Self.execution()))
        }
        set.insert(.work)
        let payload = SignalPayload(sender: UUID().uuidString, signals: set)
        #expect(SignalPayload(payload.text) == payload)
        #expect(payload.text.utf8.count < 8_000)
        let everything = SignalPayload(sender: "a", signals: .everything)
        #expect(everything.text == "sa\ne*\nw\nt\nc*")
        #expect(SignalPayload(everything.text) == everything)
    }

    @Test func `what cannot be read is skipped, or taken for all of its kind`() {
        #expect(SignalPayload("").signals.isEmpty)
        #expect(SignalPayload("x17\n\n?\nsother").signals.isEmpty)
        #expect(SignalPayload("enonsense").signals == SignalSet.everything.only(.events))
        #expect(SignalPayload("c").signals == SignalSet.everything.only(.control))
    }
}
