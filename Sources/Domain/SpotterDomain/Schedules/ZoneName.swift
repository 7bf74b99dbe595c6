public import Foundation

/// Names of time zones, as people may write them.
public enum ZoneName {
    // Foundation's list keeps ICU's old spellings (Asia/Calcutta) and lacks the plain ones.
    private static let known = Set(TimeZone.knownTimeZoneIdentifiers + ["UTC", "GMT", "Etc/UTC", "Asia/Kolkata"])
    private static let proposals = known.sorted()

    /// The zone of an IANA name such as `Europe/London`; nil for anything else, such as `PST` or `GMT+3`, which are no
    /// place's clock.
    public static func zone(_ name: String) -> TimeZone? {
        guard name.utf8.count <= 64, let zone = TimeZone(identifier: name) else { return nil }
        return known.contains(name) || (name.contains("/") && zone.identifier == name) ? zone : nil
    }

    /// What is wrong with a name that ``zone(_:)`` does not know, for a field's error.
    public static func problem(with name: String) -> String {
        let prefix = "must be an IANA time zone such as Europe/London"
        guard !name.isEmpty else { return prefix }
        // London, new york: the place without its continent.
        let place = name.lowercased().map { $0 == " " ? "_" : $0 }
        if let zone = proposals.first(where: { $0.lowercased().hasSuffix("/" + String(place)) }) {
            return "\(prefix); did you mean \"\(zone)\"?"
        }
        return prefix + DidYouMean.hint(for: name, among: proposals)
    }
}
