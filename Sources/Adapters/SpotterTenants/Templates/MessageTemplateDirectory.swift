public import SpotterDomain
import YAMLKit

/// The folder `templates/messages/`: one Markdown file for each message, front matter and body, read all or not at all.
/// A folder that is not there holds none.
public struct MessageTemplateDirectory: Sendable {
    let folder: ConfigurationFolder

    /// - Parameter path: the folder; messages name files by it.
    public init(path: String) { folder = ConfigurationFolder(path: path, ending: ".md") }

    /// Every template of the folder, by slug.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [MessageTemplate] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [MessageTemplate] {
        var (texts, issues) = try folder.read()
        var templates: [MessageTemplate] = []
        var names = UniqueNames(field: "/name")
        for text in texts {
            do throws(ConfigurationError) {
                let file = try TemplateFile(text)
                issues += names.claim(in: file.document)
                templates.append(try MessageTemplateFile(file).template())
            } catch {
                issues += error.issues
            }
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return templates.sorted { $0.slug < $1.slug }
    }
}

/// One file of `templates/messages/`.
private struct MessageTemplateFile {
    let file: TemplateFile

    init(_ file: TemplateFile) { self.file = file }

    /// - Throws: every issue of the file.
    func template() throws(ConfigurationError) -> MessageTemplate {
        let body = file.text
        var issues = file.nameIssues
        if body.isEmpty {
            issues.append(file.issue(inBody: "the body must not be empty: it is the message, in Markdown"))
        } else if body.utf8.contains(0) || body.utf8.count > 50_000 {
            issues.append(file.issue(inBody: "the body must not hold the character NUL and have at most 50,000 bytes"))
        }
        let settings: MessageFrontMatter
        do throws(ConfigurationError) {
            settings = try file.document.decoded(as: MessageFrontMatter.self) { $0.issues }
        } catch {
            throw ConfigurationError(issues + error.issues)
        }
        issues += PlaceholderProblem.problems(in: body, known: settings.known).map {
            file.issue(inBody: "the body \($0)")
        }
        guard issues.isEmpty else { throw ConfigurationError(issues) }
        return MessageTemplate(slug: file.slug, settings: settings, body: body)
    }
}

extension MessageFrontMatter {
    /// The variables that a text may name.
    fileprivate var known: Set<String> { MessageTemplate.common.union((variables ?? [:]).keys) }

    /// What the schema cannot say: names of variables, channels each once, and a subject where there is e-mail.
    fileprivate var issues: [FieldIssue] {
        var issues: [FieldIssue] = []
        if !name.isEmpty, let problem = DisplayName.problem(with: name) {
            issues.append(.init(pointer: "/name", message: problem))
        }
        if Set(channels).count < channels.count {
            issues.append(.init(pointer: "/channels", message: "must not name a channel twice"))
        }
        if channels.contains(.email), subject == nil {
            issues.append(.init(pointer: "/subject", message: "must be there, because the message goes by email"))
        }
        for variable in (variables ?? [:]).keys.sorted() {
            let pointer = "/variables/\(variable.replacing("~", with: "~0").replacing("/", with: "~1"))"
            if MessageTemplate.common.contains(variable) {
                issues.append(.init(pointer: pointer, message: "must be left out: every message has it"))
            } else if (try? PlaceholderText("{{\(variable)}}")) == nil || variable.contains("}") {
                let message = "must be lower-case letters, digits and underscores, a letter first"
                issues.append(.init(pointer: pointer, message: message))
            }
        }
        for (pointer, text) in [("/subject", subject), ("/sms", sms)] {
            issues += PlaceholderProblem.problems(in: text ?? "", known: known).map {
                FieldIssue(pointer: pointer, message: $0)
            }
        }
        return issues
    }
}

/// What is wrong with a text that has `{{names}}` in it, in words.
private enum PlaceholderProblem {
    static func problems(in text: String, known: Set<String>) -> [String] {
        do throws(PlaceholderText.Problem) {
            return try PlaceholderText(text).names.filter { !known.contains($0) }.map { name in
                "names {{\(name)}}, which is none of its variables\(DidYouMean.hint(for: name, among: known.sorted()))"
            }
        } catch {
            return switch error {
            case .unclosed: ["opens {{ and does not close it with }}"]
            case .name: ["must have names of lower-case letters, digits and underscores between {{ and }}"]
            }
        }
    }
}
