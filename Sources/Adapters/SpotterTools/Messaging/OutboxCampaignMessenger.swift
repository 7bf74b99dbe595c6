public import Foundation
import MarkdownKit
public import SpotterDomain

/// Puts the messages of campaigns into the outbox: as marketing, under the member's and the step's key, so that a step
/// that is tried again is not sent again.
public struct OutboxCampaignMessenger: CampaignMessenger {
    private let sending: MessageSending
    private let organizations: any OrganizationStore

    /// A messenger with what the messaging tools work with.
    public init(sending: MessageSending, organizations: any OrganizationStore) {
        self.sending = sending
        self.organizations = organizations
    }

    /// Hands one step's message over. What the rules forbid, and what cannot be written or addressed, stops the member's
    /// campaign with the reason.
    public func send(
        _ turn: CampaignTurn, in scope: OrganizationScope, at now: Date
    ) async throws -> CampaignTurnOutcome {
        guard let contact = try await sending.contacts.contact(.client(turn.client), in: scope) else {
            return .stopped("The member is gone.")
        }
        let organization = try await organizations.organization(in: scope)
        let context = ToolContext(scope: scope, organization: organization, now: now, effectKey: turn.key)
        do {
            var order = try sending.order(
                content(of: turn, organization), to: contact, by: turn.step.channel, key: turn.key, in: context)
            order.sentBy = turn.campaign.description
            let dispatch = try await sending.dispatch([order], in: context)
            guard let message = dispatch.first?.message, message.status == .suppressed else { return .sent }
            return .stopped(message.reason ?? "The rules for messages forbid it.")
        } catch let failure as ToolFailure {
            return .stopped(failure.message)
        }
    }

    private func content(of turn: CampaignTurn, _ organization: Organization) -> MessageContent {
        let values = [
            "first_name": String(turn.name.split(separator: " ").first ?? ""), "name": turn.name,
            "gym": organization.name,
        ]
        return MessageContent(
            subject: turn.step.subject.map { MessageFields.fill($0, values) },
            body: MessageFields.fill(turn.step.body, values.mapValues(Markdown.escaped)), template: nil, variables: [:],
            purpose: .marketing)
    }
}
