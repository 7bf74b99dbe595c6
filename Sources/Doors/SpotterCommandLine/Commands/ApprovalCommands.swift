import Foundation
public import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose approvals.")

/// `spotter approvals list`
struct ApprovalsListCommand: Command {
    let path = ["approvals", "list"]
    let summary = "List what people are asked to allow, newest first"
    let example = "spotter approvals list --organization iron-temple"
    let options: [OptionSpec] = [
        organizationOption, .option("state", "STATE", "pending, approved, rejected, expired or all. Default pending."),
        .option("limit", "COUNT", "At most so many, 1 to 1000. Default 50."),
        .flag("json", "Print one line of JSON for each."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let word = arguments["state"] ?? "pending"
        guard let state = word == "all" ? .some(nil) : Approval.State(rawValue: word).map(Optional.some) else {
            throw UsageError("--state must be pending, approved, rejected, expired or all, not \(word)")
        }
        let approvals = try await product.approvals(
            ApprovalFilter(state: state), organization: arguments.required("organization"),
            limit: arguments.integer("limit", in: 1...1_000) ?? 50)
        if arguments.has("json") {
            for approval in approvals { terminal.print(try JSONValue(encoding: approval).description) }
        } else if approvals.isEmpty {
            terminal.print(state == .pending ? "Nobody is asked anything." : "There are none.")
        } else {
            terminal.table(
                ["ID", "STATE", "ASKED", "UNTIL", "WHAT"],
                approvals.map { approval in
                    [
                        "\(approval.id)", approval.state.rawValue, Timestamp.string(from: approval.createdAt),
                        approval.expiresAt.map(Timestamp.string(from:)) ?? "", approval.message.singleLine,
                    ]
                })
        }
    }
}

/// `spotter approvals show`
struct ApprovalsShowCommand: Command {
    let path = ["approvals", "show"]
    let summary = "Show exactly what is asked about, and what was said so far"
    let operands = "APPROVAL"
    let example = "spotter approvals show appr_01m7z… --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print JSON.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        let id = try arguments.approval()
        let approval = try await product.approval(id, organization: arguments.required("organization"))
        try terminal.show(approval, asJSON: arguments.has("json"))
    }
}

/// `spotter approvals approve`
struct ApprovalsApproveCommand: Command {
    let path = ["approvals", "approve"]
    let summary = "Approve what is asked about"
    let operands = "APPROVAL"
    let example =
        "spotter approvals approve appr_01m7z… --organization iron-temple --comment 'The member asked for it.'"
    let options = decisionOptions

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try await decide(true, arguments, product, terminal)
    }
}

/// `spotter approvals reject`
struct ApprovalsRejectCommand: Command {
    let path = ["approvals", "reject"]
    let summary = "Reject what is asked about"
    let operands = "APPROVAL"
    let example = "spotter approvals reject appr_01m7z… --organization iron-temple --comment 'Not today.'"
    let options = decisionOptions

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try await decide(false, arguments, product, terminal)
    }
}

private let decisionOptions: [OptionSpec] = [
    organizationOption, .option("comment", "TEXT", "Why; the agent is told."),
    .option("as", "ROLE", "As what you decide: owner, admin, staff or operator. Default owner."),
    .option("hash", "HASH", "The hash that you were shown: a decision about anything else is refused."),
    .flag("json", "Print JSON."),
]

private func decide(
    _ approved: Bool, _ arguments: Arguments, _ product: any Product, _ terminal: Terminal
) async throws {
    let id = try arguments.approval()
    let word = arguments["as"] ?? "owner"
    guard let role = Role(rawValue: word), [.owner, .admin, .staff, .operator].contains(role) else {
        throw UsageError("--as must be owner, admin, staff or operator, not \(word)")
    }
    if let comment = arguments["comment"], comment.count > Approval.longestComment {
        throw UsageError("--comment must have at most \(Approval.longestComment) characters")
    }
    let decision = ConsoleDecision(
        approved: approved, comment: arguments["comment"], role: role, argumentsHash: arguments["hash"])
    let approval = try await product.decide(
        decision, on: id, organization: arguments.required("organization"))
    if arguments.has("json") { return try terminal.show(approval, asJSON: true) }
    terminal.print(
        approval.state == .pending ? "Noted. Others have to decide, too." : "\(id) is \(approval.state.rawValue).")
}

/// What somebody at the console decides.
public struct ConsoleDecision: Sendable {
    /// Yes or no.
    public let approved: Bool
    /// Why; nil for no reason given.
    public let comment: String?
    /// As what they decide: whoever is at the console may issue a token of any role.
    public let role: Role
    /// The hash of what they were shown; nil where they do not say.
    public let argumentsHash: String?

    /// A decision.
    public init(approved: Bool, comment: String?, role: Role, argumentsHash: String?) {
        self.approved = approved
        self.comment = comment
        self.role = role
        self.argumentsHash = argumentsHash
    }
}

extension Arguments {
    fileprivate func approval() throws -> ApprovalID {
        guard let word = words.first else { throw UsageError("the id of an approval is needed") }
        guard words.count == 1 else { throw UsageError("one approval at a time") }
        guard let id = ApprovalID(word) else { throw UsageError("\(word) is not the id of an approval (appr_…)") }
        return id
    }
}

extension String {
    fileprivate var singleLine: String { split(whereSeparator: \.isNewline).joined(separator: " ") }
}

extension Terminal {
    fileprivate func show(_ approval: Approval, asJSON: Bool) throws {
        if asJSON { return print(try JSONValue(encoding: approval).description) }
        print(bold(approval.message))
        print("state      \(approval.state.rawValue)")
        if let tool = approval.tool { print("tool       \(tool)") }
        if let arguments = approval.arguments { print("arguments  \(arguments.description)") }
        print("hash       \(approval.argumentsHash)")
        print("approvers  \(approval.approvers.map(\.description).joined(separator: ", "))")
        if let escalation = approval.escalation {
            let names = escalation.to.map(\.description).joined(separator: ", ")
            print("then also  \(names), from \(Timestamp.string(from: escalation.at))")
        }
        if let expiresAt = approval.expiresAt { print("until      \(Timestamp.string(from: expiresAt))") }
        print("execution  \(approval.execution)")
        for decision in approval.decisions {
            print(
                "\(decision.approved ? "yes" : "no")  \(decision.subject) (\(decision.role.rawValue)), "
                    + "\(Timestamp.string(from: decision.at))\(decision.comment.map { ": \($0)" } ?? "")")
        }
    }
}
