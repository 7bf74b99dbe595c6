import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose outbox.")

/// `spotter outbox list`
struct OutboxListCommand: Command {
    let path = ["outbox", "list"]
    let summary = "List messages on their way out and what became of them, newest first"
    let example = "spotter outbox list --organization iron-temple --status held"
    let options: [OptionSpec] = [
        organizationOption,
        .option(
            "status", "STATUS", "Only those: \(OutboxMessage.Status.allCases.map(\.rawValue).joined(separator: ", "))."),
        .option("limit", "COUNT", "At most so many, 1 to 1000. Default 50."),
        .flag("json", "Print one line of JSON for each."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        var filter = OutboxFilter()
        if let text = arguments["status"] {
            guard let status = OutboxMessage.Status(rawValue: text) else {
                let known = OutboxMessage.Status.allCases.map(\.rawValue)
                throw UsageError("\(text) is no status\(DidYouMean.hint(for: text, among: known))")
            }
            filter.status = status
        }
        let messages = try await product.outbox(
            filter, organization: arguments.required("organization"),
            limit: arguments.integer("limit", in: 1...1_000) ?? 50)
        if arguments.has("json") {
            for message in messages { terminal.print(try JSONValue(encoding: message).description) }
        } else if messages.isEmpty {
            terminal.print("There are no such messages.")
        } else {
            terminal.table(
                ["ID", "CHANNEL", "STATUS", "DUE", "TO", "WHY"],
                messages.map { message in
                    [
                        "\(message.id)", message.channel.rawValue, message.status.rawValue,
                        Timestamp.string(from: message.dueAt), message.recipient, message.reason ?? "",
                    ]
                })
        }
    }
}

/// `spotter outbox retry`
struct OutboxRetryCommand: Command {
    let path = ["outbox", "retry"]
    let summary = "Send a message again that failed, was cancelled or needs a review"
    let operands = "MESSAGE"
    let example = "spotter outbox retry out_01m7z… --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let message = try await product.retryMessage(
            messageID(in: arguments), organization: arguments.required("organization"))
        try terminal.show(message, asJSON: arguments.has("json"))
    }
}

/// `spotter outbox cancel`
struct OutboxCancelCommand: Command {
    let path = ["outbox", "cancel"]
    let summary = "Keep a message that is held or queued from going out"
    let operands = "MESSAGE"
    let example = "spotter outbox cancel out_01m7z… --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let message = try await product.cancelMessage(
            messageID(in: arguments), organization: arguments.required("organization"))
        try terminal.show(message, asJSON: arguments.has("json"))
    }
}

private func messageID(in arguments: Arguments) throws -> OutboxID {
    guard arguments.words.count == 1, let word = arguments.words.first, let id = OutboxID(word) else {
        throw UsageError("one id of a message (out_…) is needed")
    }
    return id
}

extension Terminal {
    /// A message as lines, or as JSON.
    fileprivate func show(_ message: OutboxMessage, asJSON isJSON: Bool) throws {
        if isJSON { return print(try JSONValue(encoding: message).description) }
        print("\(message.id) to \(message.recipient) is \(message.status.rawValue).")
    }
}
