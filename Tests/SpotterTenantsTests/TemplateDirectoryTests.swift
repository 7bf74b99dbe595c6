import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

struct TemplateDirectoryTests {
    private static let sound = "---\nname: Helper\nmodel: offline\n---\nYou help.\n"

    struct Fault: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let text: String
        let issue: String

        init(_ name: String, _ text: String, _ issue: String) {
            testDescription = name
            self.text = text
            self.issue = issue
        }
    }

    static let faults: [Fault] = [
        Fault("no front matter", "# Helper\n", "1:1: must begin with front matter"),
        Fault("an empty file", "", "1:1: must begin with front matter"),
        Fault(
            "front matter left open", "---\nname: Helper\n", "1:1: the front matter opened here has no closing '---'"),
        Fault("empty front matter", "---\n---\nYou help.\n", "2:1: the file must be an object, not null"),
        Fault("no prompt", "---\nname: Helper\nmodel: offline\n---\n", "5:1: the prompt must not be empty"),
        Fault("a blank prompt", "---\nname: Helper\nmodel: offline\n---\n\n \n", "5:1: the prompt must not be empty"),
        Fault(
            "a prompt too long", sound + String(repeating: "x", count: 100_000),
            "5:1: the prompt must have at most 100000 characters"),
        Fault(
            "a prompt in the front matter", "---\nname: A\nmodel: m\nsystem_prompt: x\n---\nx",
            "4:1: system_prompt is an unknown field"),
        Fault(
            "a mistyped field", "---\nname: A\nmodel: m\ntemprature: 1\n---\nx",
            "4:1: temprature is an unknown field; did you mean \"temperature\"?"),
        Fault(
            "a wild temperature", "---\nname: A\nmodel: m\ntemperature: 3\n---\nx",
            "4:14: temperature must be at most 2"),
        Fault("a missing model", "---\n# who\nname: A\n---\nx", "3:1: model is required"),
        Fault(
            "a mistyped tool", "---\nname: A\nmodel: m\ntools:\n  - search_clients\n  - serach_classes\n---\nx",
            "6:5: tools[1] must be the name of a tool; did you mean \"search_classes\"?"),
        Fault(
            "a tool twice", "---\nname: A\nmodel: m\ntools: [search_clients, search_clients]\n---\nx",
            "4:25: tools[1] must not name \"search_clients\" a second time"),
        Fault(
            "a number as a label", "---\nname: A\nmodel: m\nmetadata: {version: 1.10}\n---\nx",
            "4:21: metadata.version must be a string, not a number (in quotes it is a string)"),
        Fault(
            "a pack that is no name", "---\nname: A\nmodel: m\nmetadata: {pack: The Gym}\n---\nx",
            "4:18: metadata.pack must be 2 to 63 lowercase letters"),
        Fault(
            "a label that seeding keeps", "---\nname: A\nmodel: m\nmetadata: {template_version: '2'}\n---\nx",
            "4:30: metadata.template_version must be left out"),
        Fault("a tab", "---\nname: A\nlimits:\n\tmax_steps: 1\n---\nx", "4:1: a tab is not allowed here"),
        Fault(
            "NUL in the prompt", "---\nname: A\nmodel: m\n---\na\0b", "5:1: the prompt must not hold the character NUL"),
    ]

    @Test(arguments: faults)
    func `a fault is told with its place`(fault: Fault) throws {
        let folder = try TemporaryFolder(["a-b.md": fault.text])
        let issues = folder.templateIssues(knownTools: ["search_clients", "search_classes"])
        #expect(issues.count == 1, "\(issues)")
        #expect(issues.first?.hasPrefix("a-b.md:\(fault.issue)") == true, "\(issues)")
    }

    @Test func `a file becomes a template, its name the slug, its body the prompt`() throws {
        let folder = try TemporaryFolder([
            "front-desk.md": """
            ---
            name: Front Desk
            description: Greets.
            role: front-desk
            model: gpt-4o-mini
            tools: [a_tool]
            capabilities: [greeting]
            priority: high
            temperature: 0.3
            max_output_tokens: 800
            limits: {max_steps: 8, timeout_seconds: 60}
            enabled: false
            metadata: {pack: desk, avatar: "💬"}
            ---

            # You

            Say *hello*.  \u{20}
            ---
            Not front matter.

            """
        ])
        let template = try #require(try TemplateDirectory(path: folder.path, knownTools: nil).load().first)
        #expect(template.slug == "front-desk")
        #expect(template.reference == "desk/front-desk")
        #expect(
            template.settings
                == AgentSettings(
                    name: "Front Desk", description: "Greets.", role: "front-desk",
                    systemPrompt: "# You\n\nSay *hello*.   \n---\nNot front matter.", model: "gpt-4o-mini",
                    tools: ["a_tool"], capabilities: ["greeting"], priority: .high, temperature: 0.3,
                    maxOutputTokens: 800, limits: AgentLimits(maxSteps: 8, timeoutSeconds: 60), enabled: false,
                    metadata: ["pack": "desk", "avatar": "💬"]))
        #expect([template].packs == ["desk"])
    }

    @Test func `a byte order mark and Windows line ends change nothing`() throws {
        let plain = try TemporaryFolder(["a-b.md": Self.sound])
        let windows = try TemporaryFolder(["a-b.md": "\u{FEFF}" + Self.sound.replacing("\n", with: "\r\n")])
        let expected = try TemplateDirectory(path: plain.path, knownTools: nil).load()
        #expect(try TemplateDirectory(path: windows.path, knownTools: nil).load() == expected)
        #expect(expected.count == 1)
    }

    @Test func `two agents of one name are refused with both places, in whatever case`() throws {
        let folder = try TemporaryFolder([
            "a-b.md": Self.sound, "c-d.md": Self.sound.replacing("Helper", with: "HELPER"),
        ])
        #expect(folder.templateIssues() == ["c-d.md:2:7: name is taken: a-b.md:2:7 has the same"])
    }

    @Test func `a file's name must be a slug, and every fault of a file is told`() throws {
        let folder = try TemporaryFolder(["Front Desk.md": "---\nname: A\nmodel: 4\n---\n"])
        let issues = folder.templateIssues()
        #expect(
            issues == [
                "Front Desk.md:1:1: the file's name without .md must be 2 to 63 lowercase letters, digits and inner hyphens",
                "Front Desk.md:3:8: model must be a string, not an integer (in quotes it is a string)",
                "Front Desk.md:5:1: the prompt must not be empty: the text below the front matter is what the model is told first",
            ])
    }

    @Test func `a tenant that asks for a pack nobody offers is refused`() throws {
        let templates = try TemporaryFolder(["a-b.md": Self.sound])
        let packs = try TemplateDirectory(path: templates.path, knownTools: nil).load().packs
        let tenants = try TemporaryFolder([
            "a.yaml": "slug: iron\nname: Iron\ntimezone: UTC\ncurrency: EUR\ntemplates:\n  - gym\n  - engineering\n"
        ])
        #expect(
            tenants.tenantIssues(packs: packs) == [
                "a.yaml:7:5: templates[1] must be a pack of agent templates (gym)"
            ])
    }
}
