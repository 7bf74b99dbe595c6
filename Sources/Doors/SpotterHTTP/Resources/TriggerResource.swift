import Foundation
import SpotterDomain

/// A trigger as the API shows it.
struct TriggerResource: Codable, Sendable {
    let id: TriggerID
    let version: Int
    let name: String
    let event: String
    let condition: String?
    let input: JSONValue?
    let target: TriggerTarget
    let enabled: Bool
    let createdAt: Date
    let updatedAt: Date

    init(_ trigger: Trigger) {
        id = trigger.id
        version = trigger.version
        name = trigger.settings.name
        event = trigger.settings.event
        condition = trigger.settings.condition
        input = trigger.settings.input
        target = trigger.settings.target
        enabled = trigger.isEnabled
        createdAt = trigger.createdAt
        updatedAt = trigger.updatedAt
    }
}
