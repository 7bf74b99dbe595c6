import SpotterDomain
import Testing

@Suite struct EventTypeFilterTests {
    @Test func `names and families are told apart, and a star is everything`() throws {
        let filter = try EventTypeFilter("step.*,agent.insight,custom.door.*")
        #expect(filter.matches("step.started") && filter.matches("agent.insight"))
        #expect(filter.matches("custom.door.opened"))
        #expect(!filter.matches("agent.error") && !filter.matches("steps") && !filter.matches("custom.window"))
        #expect(try EventTypeFilter("step.*,*").isAll)
        #expect(EventTypeFilter.all.matches("anything"))
    }

    @Test(arguments: EventType.allCases)
    func `every type of event can be asked for, and its family`(_ type: EventType) throws {
        #expect(try EventTypeFilter(type.rawValue).matches(type.rawValue))
        let family = type.rawValue.prefix { $0 != "." }
        #expect(try EventTypeFilter("\(family).*").matches(type.rawValue))
    }

    private static let faults = [
        "": "no event is called", "step": "no event is called", "step.startd": #"did you mean "step.started"?"#,
        "stp.*": #"did you mean "step.*"?"#, "step.*.x": "no event is called", "step.*,,": "no event is called",
        "custom.": "no event is called", "custom.Door": "no event is called", "step.started;DROP": "no event",
    ]

    @Test(arguments: faults.keys.sorted())
    func `a pattern that no event can have is an error that names the nearest`(_ text: String) throws {
        let error = #expect(throws: SpotterError.self) { try EventTypeFilter(text) }
        #expect(error?.issues.first?.pointer == "/types")
        #expect(error?.message.contains(try #require(Self.faults[text])) == true, "\(error?.message ?? "")")
    }

    @Test func `too many patterns are refused`() {
        let text = [String](repeating: "step.*", count: 51).joined(separator: ",")
        #expect(throws: SpotterError.self) { try EventTypeFilter(text) }
    }

    @Test(arguments: [
        "agent.insight", "agent.error", "custom.a", "custom.a_b-c.0", "custom." + String(repeating: "x", count: 64),
    ])
    func `what may be published is taken`(_ type: String) throws {
        #expect(try EventDraft(publishing: type, data: ["a": 1]).type == type)
    }

    @Test(arguments: [
        "", "step.started", "custom", "custom.", "custom.A", "custom.ü", "custom. ",
        "custom." + String(repeating: "x", count: 65),
    ])
    func `any other type is refused`(_ type: String) {
        let error = #expect(throws: SpotterError.self) { try EventDraft(publishing: type, data: [:]) }
        #expect(error?.issues.first?.pointer == "/type")
    }

    @Test func `data is an object of limited size`() {
        for data in [JSONValue.null, [1], ["a": .string(String(repeating: "x", count: EventDraft.maximumDataBytes))]] {
            let error = #expect(throws: SpotterError.self) { try EventDraft(publishing: "custom.a", data: data) }
            #expect(error?.issues.first?.pointer == "/data")
        }
    }
}
