import Foundation
import SpotterDomain

/// Invented members.
struct DemoPeople {
    private let slug: String
    private let timezone: String
    private let firstNames: [String]
    private let lastNames: [String]

    init(slug: String, timezone: String) {
        self.slug = slug
        self.timezone = timezone
        var random = SeededGenerator("\(slug)|names")
        firstNames = random.shuffled(Self.firstNames)
        lastNames = random.shuffled(Self.lastNames)
    }

    func members(_ range: Range<Int>) -> [Client] { range.map(member) }

    private func member(_ index: Int) -> Client {
        var random = SeededGenerator("\(slug)|member|\(index)")
        // The lists' lengths share no divisor, so pairs repeat only after all of them were used.
        let first = firstNames[index % firstNames.count]
        let last = lastNames[index % lastNames.count]
        let round = index / (firstNames.count * lastNames.count)
        let joined = DemoHistory.opening.addingTimeInterval(Double(random.below(4 * 365)) * 86_400)
        let mailbox = "\(Self.ascii(first)).\(Self.ascii(last))\(round > 0 ? "\(round + 1)" : "")"
        return Client(
            id: Identifier(random.uuid(at: joined)), name: "\(first) \(last)",
            email: "\(mailbox)@\(Self.domains[random.below(Self.domains.count)])",
            phone: random.below(10) == 0 ? nil : phone(&random, index), status: status(&random), tags: tags(&random),
            joinedOn: joined)
    }

    /// Numbers that no exchange gives out: Ofcom's for drama, and 555-0100 to 555-0199.
    private func phone(_ random: inout SeededGenerator, _ index: Int) -> String {
        if timezone == "Europe/London" { return "+44 7700 900\(pad(index % 1000, 3))" }
        let areas = ["212", "305", "415", "512", "617", "718"]
        return "+1 \(areas[random.below(areas.count)]) 555 01\(pad(random.below(100), 2))"
    }

    private func status(_ random: inout SeededGenerator) -> Client.Status {
        switch random.below(100) {
        case ..<70: .active
        case ..<82: .trial
        case ..<92: .paused
        default: .cancelled
        }
    }

    private func tags(_ random: inout SeededGenerator) -> [String] {
        let tags = random.shuffled(["morning", "evening", "personal-training", "student", "corporate", "founder-rate"])
        return Array(tags.prefix([0, 0, 1, 1, 1, 2][random.below(6)]))
    }

    private static func ascii(_ name: String) -> String {
        name.folding(options: .diacriticInsensitive, locale: Locale(identifier: "en_US_POSIX")).lowercased()
            .filter { $0.isASCII && $0.isLetter }
    }

    private static let domains = ["example.com", "example.org", "example.net", "mail.example.com"]

    private static let firstNames = [
        "Anna", "Ben", "Chloe", "Daniel", "Elena", "Farid", "Grace", "Hugo", "Ines", "Jamal", "Katya", "Liam", "Maya",
        "Noah", "Olivia", "Pablo", "Quinn", "Rosa", "Samir", "Tara", "Umar", "Vera", "Will", "Ximena", "Yusuf", "Zoe",
        "Aisha", "Bruno", "Carmen", "Dmitri", "Esther", "Felix", "Giulia", "Hana", "Ivan", "Julia", "Kofi", "Lena",
        "Marco", "Nadia", "Oscar", "Priya", "Ravi", "Sofia", "Theo", "Uma", "Victor", "Wanda",
    ]

    private static let lastNames = [
        "Adler", "Bennett", "Costa", "Diaz", "Eriksen", "Fischer", "Grant", "Haddad", "Ivanova", "Jensen", "Kowalski",
        "Lindqvist", "Mensah", "Nakamura", "Okafor", "Petrov", "Quigley", "Rossi", "Silva", "Tanaka", "Ueda", "Vogel",
        "Walker", "Xu", "Young", "Zhang", "Archer", "Becker", "Carver", "Dubois", "Ellis", "Ferrari", "Garcia",
        "Hughes",
        "Ito", "Jacobs", "Khan", "Larsen", "Moreau", "Novak", "Ortega", "Patel", "Reyes", "Sato", "Thompson", "Usman",
        "Varga", "Weber", "Yilmaz", "Zimmer", "Brandt", "Castillo", "Doyle",
    ]
}
