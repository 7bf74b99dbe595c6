import SpotterDomain
import Synchronization
import Testing

@testable import SpotterCommandLine

/// `spotter workflow validate` and `draw`, which need no server.
struct WorkflowCommandTests {
    private final class Output: Sendable {
        let text = Mutex("")
        var terminal: Terminal {
            Terminal(
                isInteractive: false, usesColor: false,
                output: { text in
                    self.text.withLock { $0 += text }; return .written
                },
                errors: { _ in }, input: { nil })
        }
    }

    private static func read(_ file: String) throws -> WorkflowDefinition {
        guard file == "good.yaml" else { throw SpotterError(.invalid, "\(file):1:2: one\n\(file):3:4: two") }
        return WorkflowDefinition(
            name: "Good", nodes: [.init(id: "a", type: .parallel), .init(id: "b", type: .join)],
            edges: [.init(from: "a", to: "b")])
    }

    private static func validate(_ words: [String]) throws -> String {
        let (command, output) = (WorkflowValidateCommand(), Output())
        try command.run(Arguments(words, allowing: command.options), output.terminal, reading: read)
        return output.text.withLock { $0 }
    }

    private static func draw(_ words: [String]) throws -> String {
        let (command, output) = (WorkflowDrawCommand(), Output())
        try command.run(Arguments(words, allowing: command.options), output.terminal, reading: read)
        return output.text.withLock { $0 }
    }

    @Test func `files that are right are counted`() throws {
        #expect(try Self.validate(["good.yaml"]) == "1 file, all well.\n")
        #expect(try Self.validate(["good.yaml", "good.yaml"]) == "2 files, all well.\n")
        #expect(try Self.validate(["good.yaml", "--json"]) == "{\"files\":1,\"problems\":[]}\n")
    }

    @Test func `every mistake of every file is told`() {
        #expect { try Self.validate(["a.yaml", "good.yaml", "b.json"]) } throws: { error in
            (error as? SpotterError)?.message.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }
                == ["a.yaml:1:2: one", "a.yaml:3:4: two", "b.json:1:2: one", "b.json:3:4: two"]
        }
        #expect { try Self.validate([]) } throws: { "\($0)".contains("a file is needed") }
    }

    @Test func `a workflow is drawn in either language`() throws {
        #expect(try Self.draw(["good.yaml"]).hasSuffix("    n0 --> n1\n"))
        #expect(try Self.draw(["good.yaml", "--format", "dot"]).contains("    n0 -> n1;\n"))
        #expect { try Self.draw(["good.yaml", "--format", "svg"]) } throws: { "\($0)".contains("mermaid or dot") }
        #expect { try Self.draw(["a", "b"]) } throws: { "\($0)".contains("unexpected") }
    }
}
