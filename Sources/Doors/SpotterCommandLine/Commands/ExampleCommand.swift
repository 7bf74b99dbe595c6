import Foundation
import SpotterDomain

/// `spotter example`: the demonstrations of an agent on its own.
struct ExampleCommand: Command {
    let path = ["example"]
    let summary = "Show an agent working on its own: one of nine demonstrations, or all"
    let operands = "1…9|all"
    let example = "spotter example 4 --organization iron-temple"
    let options: [OptionSpec] = [
        .option("organization", "SLUG", "The gym. Default iron-temple."),
        .option("agent", "NAME", "Who works. Default operations-manager."),
        .flag("real", "The agent's own model, which needs a key, in place of the scripted one."),
    ]

    /// What each of them asks of the agent.
    private static let tasks = [
        "Calculate 17 x 23 + 4.",
        "Look up what is on this week and keep what you find.",
        "Ask the API at https://api.example.com/status how it is.",
        "Make a picture of the gym: some members, today's classes, a short report.",
        "Find out when Spin is on.",
        "Work through four phases, so that your status can be followed.",
        "Answer in the tone that I prefer.",
        "Let a colleague say which classes are on tomorrow, and pass it on.",
        "Plan the open day; ask me for the day.",
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let word = arguments.words.first ?? "all"
        for number in try Self.numbers(word) {
            terminal.print(terminal.bold("Example \(number): \(Self.tasks[number - 1])"))
            let order = RunOrder(
                organization: arguments["organization"] ?? "iron-temple",
                agent: arguments["agent"] ?? "operations-manager", task: Self.tasks[number - 1],
                options: AutonomyOptions(
                    model: arguments.has("real") ? nil : "offline-example-\(number)", requestedBy: "terminal",
                    preferences: "short answers"), timeoutSeconds: 600)
            try await RunCommand.follow(order, isShown: true, isJSON: false, product, terminal)
            if number == 3 { terminal.print(Self.aboutHosts) }
            terminal.print()
        }
    }

    /// Why the third one is most likely refused, which is as it should be.
    private static let aboutHosts = """
        A gym's agents reach only the hosts that its file lists. Where the request above was refused, that is the guard at
        work: no host is listed until an operator adds `http: {allow_hosts: [api.example.com]}` to the gym's file in tenants/
        and reloads it. What a model says has no part in it.
        """

    private static func numbers(_ word: String) throws -> [Int] {
        if word == "all" { return Array(1...tasks.count) }
        guard let number = Int(word), (1...tasks.count).contains(number) else {
            throw UsageError("\(word) is not an example: give a number from 1 to \(tasks.count), or all")
        }
        return [number]
    }
}
