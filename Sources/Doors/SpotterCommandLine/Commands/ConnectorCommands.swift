import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose connectors.")

/// `spotter connectors list`
struct ConnectorsListCommand: Command {
    let path = ["connectors", "list"]
    let summary = "List the CRMs that an organisation's file connects, and how they stand"
    let example = "spotter connectors list --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print one line of JSON for each.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let connectors = try await product.connectors(organization: arguments.required("organization"))
        if arguments.has("json") {
            for connector in connectors { terminal.print(try JSONValue(encoding: connector).description) }
        } else if connectors.isEmpty {
            terminal.print("No CRM is connected. See `connectors:` of tenants/*.yaml (spotter schema tenant).")
        } else {
            terminal.table(
                ["ID", "KIND", "DIRECTION", "STATUS", "LAST RUN", "WHY"],
                connectors.map {
                    [
                        $0.id, $0.kind.rawValue, $0.direction.rawValue, $0.status.rawValue,
                        $0.completedAt.map(Timestamp.string) ?? "never", $0.failure ?? "",
                    ]
                })
        }
    }
}

/// `spotter connectors check`
struct ConnectorsCheckCommand: Command {
    let path = ["connectors", "check"]
    let summary = "Make sure that a CRM can be reached and its token holds"
    let operands = "[CONNECTOR]"
    let example = "spotter connectors check highlevel --organization iron-temple"
    let options: [OptionSpec] = [organizationOption]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let name = try await product.checkConnector(
            arguments.words.first, organization: arguments.required("organization"))
        terminal.print("The CRM answers: \(name).")
    }
}

/// `spotter connectors status`
struct ConnectorsStatusCommand: Command {
    let path = ["connectors", "status"]
    let summary = "Show how a connector stands, with its newest conflicts and failures"
    let operands = "[CONNECTOR]"
    let example = "spotter connectors status highlevel --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let report = try await product.connector(
            arguments.words.first, organization: arguments.required("organization"))
        if arguments.has("json") { return terminal.print(try JSONValue(encoding: report).description) }
        terminal.print("\(report.id) (\(report.kind.rawValue)) is \(report.status.rawValue).")
        if let failure = report.failure { terminal.print("The last try was broken off: \(failure)") }
        terminal.print("Last run: \(report.completedAt.map(Timestamp.string) ?? "never"). \(report.counts.sentence)")
        terminal.show(report.notes ?? [])
    }
}

/// `spotter connectors sync`
struct ConnectorsSyncCommand: Command {
    let path = ["connectors", "sync"]
    let summary = "Bring the gym's records and a CRM's together, here and now"
    let operands = "[CONNECTOR]"
    let example = "spotter connectors sync highlevel --organization iron-temple --dry-run"
    let options: [OptionSpec] = [
        organizationOption, .flag("dry-run", "Change nothing, and say what would be changed."),
        .flag("full", "Look at everything, and not only at what has changed."), .flag("json", "Print JSON."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(1, arguments)
        let isDryRun = arguments.has("dry-run")
        let report = try await product.syncConnector(
            arguments.words.first, isFull: arguments.has("full"), isDryRun: isDryRun,
            organization: arguments.required("organization"))
        if arguments.has("json") {
            for difference in report.differences { terminal.print(try JSONValue(encoding: difference).description) }
            return terminal.print(try JSONValue(encoding: report.counts).description)
        }
        for difference in report.differences {
            let who = [difference.localId, difference.remoteId].compactMap { $0 }.joined(separator: " = ")
            let side = difference.side == "here" ? "here" : "in the CRM"
            let values = difference.values.sorted { $0.key < $1.key }.map {
                "\($0.key): \($0.value.replacing("\n", with: ", "))"
            }
            terminal.print("\(difference.action) \(side) \(who)  \(values.joined(separator: "; "))")
        }
        terminal.show(report.notes)
        if let reason = report.postponed {
            throw SpotterError(.unavailable, "It goes on later: \(reason)")
        }
        terminal.print((isDryRun ? "Nothing was changed. It would be: " : "") + report.counts.sentence)
    }
}

extension SyncCounts {
    fileprivate var sentence: String {
        "\(seen) seen there, \(looked) changes here; made \(createdHere) here and \(createdThere) there, changed "
            + "\(updatedHere) here and \(updatedThere) there; \(conflicts) conflicts, \(failures) failures."
    }
}

extension Terminal {
    fileprivate func show(_ notes: [ConnectorNote]) {
        for note in notes {
            let who = [note.localId, note.remoteId].compactMap { $0 }.joined(separator: " = ")
            print("\(note.kind.rawValue) \(who)  \(note.message)")
        }
    }
}
