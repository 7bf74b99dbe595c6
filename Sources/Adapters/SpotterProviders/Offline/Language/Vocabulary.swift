/// Words without meaning of their own, stems, and words that mean the same.
enum Vocabulary {
    /// Words that say nothing about which tool is meant.
    static let stopWords: Set<String> = Set(
        """
        a an the this that these those some any all every each no not only just really very quite too also still even
        i me my mine we us our you your yours he him his she her hers it its they them their one ones who whom whose
        which what how why where there here when
        am is are was were be been being do does did doing done has have had having will would shall should can could
        may might must let lets got get gets getting go going goes
        of in on at to for from with without by about into onto over under between through up down out off as than
        then and or but if so because while per via like
        please thanks thank hi hello hey ok okay yes yeah well sorry kindly
        show give tell view list see display want need know wanna check ask say says said look looks
        s t m re ve ll d im id whats hows theres wheres whos dont cant isnt
        much many more most less least lot lots few bit anything something anyone someone everybody everyone somebody
        now currently right away soon again back maybe perhaps actually ever far early late
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Words about days and times: they fill arguments and choose no tool.
    static let timeWords: Set<String> = Set(
        """
        today tonight tomorrow yesterday tmrw tomorow tommorow tommorrow monday tuesday wednesday thursday friday
        saturday sunday mon tue tues wed thu thur thurs fri sat sun mondays tuesdays wednesdays thursdays fridays
        saturdays sundays morning afternoon evening night noon midday lunchtime week weeks weekend weekends day days
        month months year years fortnight hour hours minute minutes am pm clock next last past coming following since
        until till before after january february march april june july august september october november december
        """.split(whereSeparator: \.isWhitespace).map(String.init))

    /// Verbs that order something to be done. Only a tool that says it does this is called for them.
    static let actions: Set<String> = [
        "book", "reserve", "cancel", "delete", "remove", "refund", "charge", "create", "add", "register", "send",
        "email", "message", "text", "notify", "reschedule", "freeze", "pause", "update", "change", "assign", "post",
        "publish", "export", "import", "call", "invite", "pay",
    ]

    /// Stems of those of them that are hardly ever nouns.
    static let deeds: Set<String> = Set(
        actions.subtracting(["email", "message", "text", "call", "charge", "post", "export", "import", "change"]).map(
            stem))

    /// Words that mean about the same. What is matched by one of them counts a little less than the word itself.
    private static let synonyms: [[String]] = [
        ["member", "client", "customer", "person", "people", "guest", "membership"],
        ["schedule", "timetable", "calendar", "session", "upcoming", "when", "agenda"],
        [
            "free", "available", "availability", "spot", "place", "space", "room", "full", "capacity", "seat", "busy",
            "left",
        ],
        ["find", "search", "lookup"],
        ["send", "message", "text", "mail", "write", "contact"],
        ["email", "mail"],
        ["payment", "pay", "invoice", "bill", "charge", "paid"],
        ["revenue", "income", "sale", "turnover", "earn"],
        ["book", "reserve", "reservation"],
        ["cancel", "delete", "remove"],
        ["lead", "prospect"],
        ["ticket", "issue", "problem", "complaint"],
        ["change", "update", "edit"],
        ["staff", "team", "employee"],
        ["coach", "trainer", "instructor", "teacher", "teach"],
        ["profile", "detail", "information", "info"],
        ["statistic", "stats", "figure", "report", "analytics", "metric", "number"],
        ["churn", "leave", "risk", "retention"],
        ["create", "add", "open"],
        ["note", "comment", "remark"],
        ["call", "phone", "telephone"],
        ["cost", "price", "fee"],
        ["class", "course", "workout"],
        ["attend", "attendance", "visit", "checkin"],
        ["notify", "alert", "inform"],
        ["weather", "forecast", "temperature"],
        ["post", "publish"],
    ]

    private static let groups: [String: [String]] = {
        var groups: [String: [String]] = [:]
        for group in synonyms {
            let stems = group.map(stem)
            for word in stems { groups[word, default: []] += stems }
        }
        return groups
    }()

    /// A stem and those that mean about the same, each with what it counts.
    static func expansions(of stem: String) -> [(stem: String, weight: Double)] {
        [(stem, 1)] + (groups[stem] ?? []).filter { $0 != stem }.map { ($0, 0.7) }
    }

    /// Lower-case words of letters and digits; `class_name` and `e-mail` are split where they must be.
    static func words(of text: some StringProtocol) -> [String] {
        text.lowercased().replacing("e-mail", with: "email").replacing("check-in", with: "checkin")
            .split { !$0.isLetter && !$0.isNumber }.map(String.init)
    }

    /// Stems of the words that mean something.
    static func contentStems(of text: some StringProtocol) -> [String] {
        words(of: text).filter { !stopWords.contains($0) && !timeWords.contains($0) }.map(stem)
    }

    /// Takes off the endings of plurals and verbs. Light on purpose: a wrong stem joins what does not belong together.
    static func stem(_ word: String) -> String {
        var word = word[...]
        func isVowel(_ character: Character) -> Bool { "aeiouy".contains(character) }
        if word.count > 4, word.hasSuffix("ies") {
            word = word.dropLast(3) + "y"
        } else if word.count > 4, ["sses", "ches", "shes", "xes", "zes"].contains(where: word.hasSuffix) {
            word = word.dropLast(2)
        } else if word.count > 3, word.hasSuffix("s"), !["ss", "us", "is"].contains(where: word.hasSuffix) {
            word = word.dropLast()
        }
        for ending in ["ing", "ed"] where word.count > ending.count + 3 && word.hasSuffix(ending) {
            let base = word.dropLast(ending.count)
            guard base.contains(where: isVowel) else { break }
            word = base
            // "planning" → "plan", but "filling" → "fill".
            let end = base.suffix(2)
            if end.count == 2, end.first == end.last, let last = end.last, !"lsz".contains(last), !isVowel(last) {
                word = base.dropLast()
            }
            break
        }
        if word.count > 4, word.hasSuffix("e") { word = word.dropLast() }
        return String(word)
    }
}

/// `view_class_schedule` → `view class schedule`.
func humanized(_ name: String) -> String { name.replacing("_", with: " ") }
