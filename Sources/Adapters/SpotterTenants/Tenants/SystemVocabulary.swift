import Foundation
import MailKit
public import SpotterDomain

extension TenantVocabulary {
    /// Where Debian and most others keep the time zone database.
    private static let zoneFolder = "/usr/share/zoneinfo"

    /// The vocabulary with this system's time zones and currencies.
    ///
    /// - Parameters:
    ///   - providers: model providers that take a key.
    ///   - packs: packs of agent templates; nil leaves them unchecked.
    ///   - tools: names of tools; nil leaves them unchecked.
    public static func system(
        providers: Set<String> = ["openai", "anthropic"], packs: Set<String>?, tools: Set<String>? = nil
    ) -> TenantVocabulary {
        TenantVocabulary(
            isTimeZone: { knownZones.contains($0) || isInstalledZone($0) }, timeZones: knownZones.sorted(),
            currencies: Set(Locale.commonISOCurrencyCodes), providers: providers, packs: packs, tools: tools,
            isMailbox: { (try? Mailbox($0)) != nil }, isMailServer: { SMTPServer(address: $0) != nil })
    }

    /// Foundation's list keeps ICU's old spellings (`Asia/Calcutta`) and lacks the plain ones.
    private static let knownZones = Set(
        TimeZone.knownTimeZoneIdentifiers + ["UTC", "GMT", "Etc/UTC", "Asia/Kolkata"])

    /// Whether both Foundation and the time zone database have the name: an abbreviation such as `PST` or an offset such
    /// as `GMT+3` is no place's clock.
    private static func isInstalledZone(_ name: String) -> Bool {
        guard TimeZone(identifier: name)?.identifier == name else { return false }
        guard FileManager.default.fileExists(atPath: zoneFolder) else { return name.contains("/") }
        return FileIdentity(path: "\(zoneFolder)/\(name)")?.isRegular == true
    }
}
