import Foundation
import SpotterDomain

/// Fills `{{organization.name}}` and the like into an agent's prompt.
struct PromptTemplate {
    /// What the places stand for.
    let values: [String: String]

    init(organization: Organization, now: Date) {
        var style = Date.FormatStyle(date: .complete, time: .omitted, locale: Locale(identifier: "en_GB"))
        style.timeZone = TimeZone(identifier: organization.timezone) ?? .gmt
        values = [
            "organization.name": organization.name,
            "organization.timezone": organization.timezone,
            "organization.currency": organization.currency,
            "today": now.formatted(style),
        ]
    }

    /// Unknown placeholders stay as they are: a prompt may speak about them.
    func fill(_ text: String) -> String {
        var result = text
        for (name, value) in values { result = result.replacingOccurrences(of: "{{\(name)}}", with: value) }
        return result
    }
}
