import SpotterDomain
import Synchronization

/// Sends what it is told to, and notes what it sent.
final class MailTool: Tool {
    struct Arguments: Decodable, Sendable {
        let to: String
        let amount: Int?
    }

    struct Sent: Sendable, Hashable {
        let to: String
        let effectKey: String
    }

    let name = "send_mail"
    let summary = "Sends."
    let category = ToolCategory.messaging
    let access = ToolAccess.outward
    let effect: ToolEffect
    let sensitiveArguments: [String: ArgumentRole] = ["to": .recipient, "amount": .amount]
    private let noted = Mutex<[Sent]>([])
    var sent: [Sent] { noted.withLock { $0 } }

    init(effect: ToolEffect = .keyed) { self.effect = effect }

    func run(_ arguments: Arguments, in context: ToolContext) async throws -> JSONValue {
        noted.withLock { $0.append(Sent(to: arguments.to, effectKey: context.effectKey)) }
        return "sent"
    }
}
