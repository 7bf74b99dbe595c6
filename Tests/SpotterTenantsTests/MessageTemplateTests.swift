import Foundation
import SpotterDomain
import SpotterTenants
import Testing

@Suite struct MessageTemplateTests {
    private func load(_ text: String, name: String = "note.md") throws -> [MessageTemplate] {
        let folder = try TemporaryFolder()
        try folder.write(text, to: name)
        return try withExtendedLifetime(folder) { try MessageTemplateDirectory(path: folder.path).load() }
    }

    private func problem(_ text: String, name: String = "note.md") throws -> String {
        let error = #expect(throws: SpotterError.self) { try load(text, name: name) }
        return try #require(error).message
    }

    @Test func `a template has front matter and a body with its variables`() throws {
        let template = try #require(
            try load(
                """
                ---
                name: Note
                description: A note.
                channels: [email, sms]
                kind: transactional
                subject: Hi {{first_name}}
                sms: Short, {{class}}
                variables: {class: The class}
                ---

                Hi {{first_name}}, **{{class}}**

                """
            ).first)
        #expect(template.slug == "note")
        #expect(template.body == "Hi {{first_name}}, **{{class}}**")
        #expect(template.text(for: .sms) == "Short, {{class}}")
        #expect(template.variables == ["class": "The class"])
    }

    @Test(arguments: [
        ("channels: [email]", "subject: A", "Hi {{clas}}", "which is none of its variables; did you mean \"class\""),
        ("channels: [email]", "subject: A", "Hi {{class", "does not close it"),
        ("channels: [email]", "subject: A", "Hi {{Class}}", "names of lower-case letters"),
        ("channels: [email]", "subject: \"{{x}}\"", "Hi", "subject names {{x}}"),
        ("channels: [email]", "", "Hi", "subject must be there"),
        ("channels: [sms, sms]", "", "Hi", "twice"), ("channels: [fax]", "", "Hi", "channels[0]"),
        ("channels: [sms]", "", "", "body must not be empty"),
    ])
    func `a mistake is shown at its place`(channels: String, subject: String, body: String, words: String) throws {
        let text = """
            ---
            name: Note
            description: A note.
            kind: marketing
            variables: {class: The class}
            \(channels)
            \(subject)
            ---
            \(body)
            """
        let message = try problem(text)
        #expect(message.contains(words), "\(message)")
        #expect(message.contains("note.md:"))
    }

    @Test func `the templates of the repository are a dozen and more, and all are well`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let templates = try MessageTemplateDirectory(path: root.appending(path: "templates/messages").path).load()
        #expect(templates.count >= 12)
        #expect(templates.contains { $0.slug == "miss-you" && $0.settings.kind == .marketing })
        #expect(templates.contains { $0.slug == "follow-up" && $0.variables.isEmpty })
    }
}
