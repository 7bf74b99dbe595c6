import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

/// What people get wrong in a tenant's file, each with the place and the words they are told.
struct TenantFaultTests {
    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let issue: String

        /// - Parameter line: replaces the line of a sound file that begins with the same name, or is added to it.
        init(_ name: String, line: String, _ issue: String) {
            let key = line.prefix { $0 != ":" }
            var lines = Self.sound.split(separator: "\n").map(String.init)
            if let index = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) {
                lines[index] = line
            } else {
                lines.append(line)
            }
            self.init(name, text: lines.joined(separator: "\n") + "\n", issue)
        }

        init(_ name: String, text: String, _ issue: String) {
            testDescription = name
            self.text = text
            self.issue = issue
        }

        static let sound = "slug: iron-temple\nname: Iron Temple\ntimezone: America/New_York\ncurrency: USD\n"
    }

    static let syntax: [Fault] = [
        Fault("a tab", text: "slug: a-b\nlimits:\n\tmax_agents: 1\n", "3:1: a tab is not allowed here"),
        Fault(
            "a field twice", text: Fault.sound + "name: Other\n",
            "5:1: the key 'name' is here a second time: first at 2:1"),
        Fault("two documents", text: Fault.sound + "---\n" + Fault.sound, "5:1: a second document"),
        Fault("a tag that runs code", line: "name: !!python/object:os.system x", "2:7: the tag "),
        Fault("an include", line: "name: !include other.yaml", "2:7: the tag '!include' is not allowed"),
        Fault("a merge key", text: "base: &b {name: X}\n<<: *b\n", "2:1: merge keys ('<<') are not supported"),
        Fault("a cyclic alias", text: "templates: &t [*t]\n", "1:16: the alias '*t' stands inside its own anchor"),
        Fault("an unknown alias", line: "name: *nobody", "2:7: no anchor '&nobody' before this alias"),
        Fault(
            "a bracket left open", text: Fault.sound + "templates: [gym\n",
            "6:1: expected ',' or ']' in the list opened at 5:12"),
        Fault(
            "a file cut in a string", text: "slug: iron-temple\nname: \"Iron Te",
            "2:7: the quoted text that begins here is never closed"),
        Fault(
            "a number beyond 64 bits", line: "demo: {members: 99999999999999999999, classes: 1}", "5:17: the number "),
    ]

    static let meaning: [Fault] = [
        Fault("nothing at all", text: "", "1:1: the file must be an object, not null"),
        Fault("only a comment", text: "# soon\n", "1:1: the file must be an object, not null"),
        Fault("a list", text: "- slug: a-b\n", "1:1: the file must be an object, not an array"),
        Fault(
            "a policy's field that is none", line: "policy: {rule: []}",
            "5:10: policy.rule is an unknown field; did you mean \"rules\"?"),
        Fault(
            "a verdict that is none", line: "policy: {rules: [{then: alow}]}",
            "5:25: policy.rules[0].then must be one of allow, ask, deny; did you mean \"allow\"?"),
        Fault(
            "a rule without a verdict", line: "policy: {rules: [{tools: [send_mail]}]}",
            "5:18: policy.rules[0].then is required"),
        Fault(
            "a tool that is none", line: "policy: {rules: [{tools: [http_requst], then: deny}]}",
            "5:27: policy.rules[0].tools[0] must be a tool there is; did you mean \"http_request\"?"),
        Fault(
            "a role that is none", line: "policy: {rules: [{roles: [stuff], then: deny}]}",
            "5:27: policy.rules[0].roles[0] must be one of owner, admin, staff"),
        Fault(
            "an approver that is none", line: "policy: {approvers: [\"role:ownr\"]}",
            "5:22: policy.approvers[0] must be role:owner"),
        Fault(
            "an approver twice", line: "policy: {approvers: [\"role:owner\", \"role:owner\"]}",
            "5:21: policy.approvers names somebody twice"),
        Fault(
            "a quorum beside a mode", line: "policy: {mode: all, quorum: 2}",
            "5:29: policy.quorum stands in place of mode: give one of them"),
        Fault(
            "an amount that is none", line: "policy: {rules: [{amount_over: a lot, then: ask}]}",
            "5:32: policy.rules[0].amount_over must be a decimal number such as 2.50"),
        Fault(
            "an address in place of a domain",
            line: "policy: {rules: [{recipient_domains: [\"ana@gym.test\"], then: ask}]}",
            "5:39: policy.rules[0].recipient_domains[0] must be the domain of an address"),
        Fault("an unknown field", line: "curency: USD", "5:1: curency is an unknown field; did you mean \"currency\"?"),
        Fault(
            "a missing field", text: "\n# Iron\nslug: iron-temple\nname: Iron\ncurrency: USD\n",
            "3:1: timezone is required"),
        Fault("a missing field below", text: Fault.sound + "demo:\n  members: 3\n", "6:3: demo.classes is required"),
        Fault(
            "an unknown field below", line: "limits: {max_agent: 3}",
            "5:10: limits.max_agent is an unknown field; did you mean \"max_agents\"?"),
        Fault("no, which is a string", line: "demo: no", "5:7: demo must be an object, not a string"),
        Fault(
            "on where a number belongs", line: "limits: {max_agents: on}",
            "5:22: limits.max_agents must be an integer, not a string"),
        Fault(
            "a budget that is no amount", line: "budgets: [{period: month, limit: a lot}]",
            "5:34: budgets[0].limit must be a decimal number such as 2.50"),
        Fault(
            "a budget whose limit is a float", line: "budgets: [{period: month, limit: 50.5}]",
            "5:34: budgets[0].limit must be a string, not a number (in quotes it is a string)"),
        Fault(
            "a budget of nothing", line: "budgets: [{period: month}]",
            "5:11: budgets[0] must have a limit, tokens, or both"),
        Fault(
            "a budget twice", line: "budgets: [{period: day, tokens: 1}, {period: day, limit: \"1\"}]",
            "5:46: budgets[1].period is that of a budget before"),
        Fault(
            "a budget for a year", line: "budgets: [{period: year, tokens: 1}]", "5:20: budgets[0].period must be "),
        Fault(
            "a number for a name", line: "name: 1e3",
            "2:7: name must be a string, not a number (in quotes it is a string)"),
        Fault(
            "true for a name", line: "name: true",
            "2:7: name must be a string, not a boolean (in quotes it is a string)"),
        Fault(
            "a leading zero", line: "limits: {max_agents: 0777}",
            "5:22: limits.max_agents must be an integer, not a string"),
        Fault(
            "a fraction", line: "limits: {max_agents: 1.5}", "5:22: limits.max_agents must be an integer, not a number"),
        Fault("infinity", line: "limits: {max_agents: .inf}", "5:22: limits.max_agents must be a finite number"),
        Fault(
            "less than one", line: "limits: {requests_per_minute: 0}",
            "5:31: limits.requests_per_minute must be at least 1"),
        Fault("a list for a name", line: "name: [Iron]", "2:7: name must be a string, not an array"),
        Fault(
            "a character that PostgreSQL refuses", line: #"name: "a\0b""#, "2:7: name must not hold the character NUL"),
        Fault("an empty name", line: "name: \"\"", "2:7: name must not be empty"),
        Fault(
            "a plan that is none", line: "plan: pto",
            "5:7: plan must be one of starter, pro, enterprise; did you mean \"pro\"?"),
        Fault(
            "a slug with capitals", line: "slug: Iron-Temple",
            "1:7: slug must be 2 to 63 lowercase letters, digits and inner hyphens"),
        Fault(
            "a slug of lookalikes", line: "slug: iron-t\u{435}mple",
            "1:7: slug must be 2 to 63 lowercase letters, digits and inner hyphens"),
        Fault(
            "a mistyped time zone", line: "timezone: America/New_Yrok",
            "3:11: timezone must be an IANA time zone such as Europe/London; did you mean \"America/New_York\"?"),
        Fault(
            "a time zone in lower case", line: "timezone: europe/berlin",
            "3:11: timezone must be an IANA time zone such as Europe/London; did you mean \"Europe/Berlin\"?"),
        Fault(
            "an abbreviation for a time zone", line: "timezone: PST",
            "3:11: timezone must be an IANA time zone such as Europe/London"),
        Fault(
            "an offset for a time zone", line: "timezone: GMT+3",
            "3:11: timezone must be an IANA time zone such as Europe/London"),
        Fault(
            "a way out for a time zone", line: "timezone: ../../etc/passwd",
            "3:11: timezone must be an IANA time zone such as Europe/London"),
        Fault(
            "a mistyped currency", line: "currency: UDS",
            "4:11: currency must be an ISO 4217 code such as GBP; did you mean \"USD\"?"),
        Fault(
            "a currency in words", line: "currency: euro",
            "4:11: currency must be an ISO 4217 code such as GBP; did you mean \"EUR\"?"),
        Fault("a currency of the past", line: "currency: DEM", "4:11: currency must be an ISO 4217 code such as GBP"),
        Fault(
            "a mistyped pack", line: "templates: [gym, gmy]",
            "5:18: templates[1] must be a pack of agent templates (gym); did you mean \"gym\"?"),
        Fault(
            "a mistyped provider", line: "providers: {opneai: {api_key: env:A}}",
            "5:13: providers.opneai must be a model provider (anthropic, openai); did you mean \"openai\"?"),
        Fault(
            "an address with a password", line: "providers: {openai: {base_url: 'https://u:p@host'}}",
            "5:32: providers.openai.base_url must be an http or https address without user"),
        Fault(
            "an address of a file", line: "providers: {openai: {base_url: 'file:///etc/passwd'}}",
            "5:32: providers.openai.base_url must be an http or https address without user"),
    ]

    static let http: [Fault] = [
        Fault(
            "a URL for a host", line: "http: {allow_hosts: [a.test, 'https://api.example.com/']}",
            "5:30: http.allow_hosts[1] must be a host name such as api.example.com or *.example.com"),
        Fault(
            "every host", line: "http: {allow_hosts: ['*']}", "5:22: http.allow_hosts[0] must be a host name such as"),
        Fault(
            "a host with a port", line: "http: {allow_hosts: ['a.test:8080']}",
            "5:22: http.allow_hosts[0] must be a host name such as"),
        Fault(
            "a mistyped list", line: "http: {alow_hosts: [a.test]}",
            "5:8: http.alow_hosts is an unknown field; did you mean \"allow_hosts\"?"),
        Fault(
            "one host without a list", line: "http: {allow_hosts: a.test}",
            "5:21: http.allow_hosts must be an array, not a string"),
        Fault(
            "yes in words", line: "http: {allow_http: yes}", "5:20: http.allow_http must be true or false, not a string"
        ),
        Fault(
            "a secret for a host that is not listed",
            line: "http: {allow_hosts: [a.test], secrets: [{host: b.test, header: X-Key, value: 'env:A'}]}",
            "5:48: http.secrets[0].host must be a host that allow_hosts allows"),
        Fault(
            "a secret for every host below",
            line: "http: {allow_hosts: ['*.a.test'], secrets: [{host: '*.a.test', header: X-Key, value: 'env:A'}]}",
            "5:52: http.secrets[0].host must be one host name"),
        Fault(
            "a secret in a header that frames",
            line: "http: {allow_hosts: [a.test], secrets: [{host: a.test, header: Host, value: 'env:A'}]}",
            "5:64: http.secrets[0].header must be a header name such as Authorization"),
        Fault(
            "a secret in clear",
            line: "http: {allow_hosts: [a.test], secrets: [{host: a.test, header: X-Key, value: canary}]}",
            "5:78: http.secrets[0].value must be env:NAME or file:PATH; the secret itself never belongs in this file"),
    ]

    @Test(arguments: syntax + meaning + http)
    func `a fault is told with its place`(fault: Fault) throws {
        let issues = try TemporaryFolder(["a.yaml": fault.text]).tenantIssues()
        #expect(issues.count == 1)
        #expect(issues.first?.hasPrefix("a.yaml:\(fault.issue)") == true, "\(issues)")
    }

    @Test(arguments: [
        "sk-live-4eC39HqLyjWDarjtT1zdp7dc", "env:sk-live-4eC39HqLyjWDarjtT1zdp7dc", "'file:'", "$OPENAI_API_KEY",
        "[sk-live-4eC39HqLyjWDarjtT1zdp7dc]",
    ])
    func `a key itself is refused and never repeated`(key: String) throws {
        let text = Fault.sound + "providers:\n  openai:\n    api_key: \(key)\n"
        let issues = try TemporaryFolder(["a.yaml": text]).tenantIssues()
        #expect(issues.count == 1)
        #expect(issues.first?.hasPrefix("a.yaml:7:14: providers.openai.api_key must be ") == true, "\(issues)")
        #expect(!issues.joined().contains("4eC39"))
        if !key.hasPrefix("[") { #expect(issues.first?.contains("the key itself never belongs in this file") == true) }
    }

    @Test func `an anchor bomb is refused before it unfolds`() throws {
        var text = "templates: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1...9 {
            text += "b\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", "))]\n"
        }
        let issues = try TemporaryFolder(["a.yaml": text]).tenantIssues()
        #expect(issues.count == 1)
        #expect(issues.first?.contains("more than 100000 values, aliases written out") == true, "\(issues)")
        #expect(issues.first?.hasPrefix("a.yaml:6:10: ") == true, "\(issues)")
    }

    @Test func `many unknown fields are told to a bound`() throws {
        let text = (0..<20_000).map { "field_\($0): 1\n" }.joined()
        let issues = try TemporaryFolder(["a.yaml": Fault.sound + text]).tenantIssues()
        #expect((10...25).contains(issues.count))
    }

    @Test func `bytes that are not UTF-8 are told with their place`() throws {
        let folder = try TemporaryFolder()
        try folder.write(Array("slug: iron\nname: caf".utf8) + [0xE9, 0x0A], to: "a.yaml")
        #expect(folder.tenantIssues().first?.hasPrefix("a.yaml:2:10: not UTF-8") == true)
    }

    @Test func `names from a file cannot drive the reader's terminal`() throws {
        let issues = try TemporaryFolder(["a.yaml": Fault.sound + "\"\\e[2Jx\\u202Ey\": 1\n"]).tenantIssues()
        #expect(issues == ["a.yaml:5:1: \\u{1b}[2Jx\\u{202e}y is an unknown field"])
    }

    @Test func `packs go unchecked where no catalogue is given`() throws {
        let folder = try TemporaryFolder(["a.yaml": Fault.sound + "templates: [anything]\n"])
        #expect(folder.tenantIssues(packs: nil).isEmpty)
    }

    @Test(arguments: ["Europe/London", "UTC", "Etc/UTC", "Asia/Kolkata", "Asia/Calcutta", "US/Eastern", "Europe/Kyiv"])
    func `time zones of the database are known`(zone: String) {
        #expect(TenantVocabulary.system(packs: nil).isTimeZone(zone))
    }
}
