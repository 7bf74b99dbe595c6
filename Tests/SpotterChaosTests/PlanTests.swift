import SpotterDomain
import Testing

@testable import SpotterChaos

/// What a seed decides.
@Suite struct PlanTests {
    @Test(arguments: 1...50) func `every fault is planned, in order and within the time`(_ seed: UInt64) {
        let plan = Fault.plan(seed: seed, lasting: .seconds(120))
        #expect(Set(plan.map(\.fault)).isSuperset(of: Fault.all))
        #expect(plan.count == 48)
        #expect(plan.map(\.at) == plan.map(\.at).sorted())
        #expect(plan.allSatisfy { $0.at >= .zero && $0.at < .seconds(120) })
        #expect(plan.filter { $0.fault == .poison }.count == 1)
    }

    @Test func `a seed repeats its plan, and another has another`() {
        let plans = [7, 7, 8].map { Fault.plan(seed: $0, lasting: .seconds(30)).map(\.fault) }
        #expect(plans[0] == plans[1])
        #expect(plans[0] != plans[2])
        #expect(plans[0].count == Fault.all.count)
    }

    @Test(arguments: 1...50) func `a script is read as it was written`(_ seed: UInt64) {
        var dice = Dice(seed: seed, for: "script")
        let script = Script.draw(work: "w-\(seed)", &dice)
        #expect(Script(in: "Do this: \(script.text) and no more") == script)
        #expect(script.turns.last?.act == .answer)
        #expect(script.steps.allSatisfy { EffectStep(path: "http://127.0.0.1:1/keyed/\($0)") == $0 })
    }

    @Test(arguments: ["", "[[", "[[w-1]]", "[[w-1 ?]]", "[[w-1 K", "]] [["])
    func `what is no script is none`(_ text: String) {
        #expect(Script(in: text) == nil)
    }

    @Test(arguments: ["SEED": "-1", "CHAOS_SECONDS": "5"]) func `a wrong variable is named`(
        _ name: String, _ value: String
    ) {
        let error = #expect(throws: SpotterError.self) { try ChaosOptions(environment: [name: value]) }
        #expect(error?.message.contains(name) == true)
    }
}
