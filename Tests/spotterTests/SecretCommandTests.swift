import Foundation
import SpotterDomain
import Testing

/// What a person can do wrong with a key on the command line: it is said, and the key is not.
@Suite(.timeLimit(.minutes(2))) struct SecretCommandTests {
    @Test(arguments: [
        ("openai canary-0123456789 --organization x", nil), ("canary-0123456789 --organization x", nil),
        ("openai --organization x --from canary-0123456789", nil), ("openai --organization x", "canary 0123456789\n"),
        ("openai --organization x", "canary-0123456789\ncanary-2\n"), ("openai --organization x", "canary\n"),
        ("openai --organization x --key canary-0123456789", nil), ("openai --organization x --key=canary-0123", nil),
        ("openai --organization x --from env:NO_SUCH_canary_NOT", nil),
    ])
    func `a wrong call never repeats the key`(_ call: String, _ input: String?) async throws {
        for json in [[], ["--json"]] {
            let result = try await RunningSpotter.command(
                ["secrets", "set"] + call.split(separator: " ").map(String.init) + json,
                environment: ["DATABASE_URL": "postgres:///x?host=/nowhere"], input: input)
            #expect(result.code != 0)
            // The name of a variable may be said.
            #expect(!result.output.replacing("NO_SUCH_canary_NOT", with: "").contains("canary"), "\(result.output)")
            #expect(result.output.contains("error"))
        }
    }

    @Test func `a provider that there is not is refused with those that there are`() async throws {
        let result = try await RunningSpotter.command(["secrets", "set", "openia", "--organization", "x"])
        #expect(result.code == 2)
        #expect(result.output.contains("one of anthropic, openai; did you mean"), "\(result.output)")
    }

    @Test(arguments: ["a256gcm.canary", "env:", "file:"])
    func `a setting that is no place is refused, and not repeated`(_ setting: String) async throws {
        let result = try await RunningSpotter.command(
            ["doctor"], environment: ["SPOTTER_SEALING_KEYS": setting, "DATABASE_URL": "postgres:///x?host=/nowhere"])
        #expect(result.output.contains("SPOTTER_SEALING_KEYS must be a path, file:PATH or env:NAME"))
        #expect(!result.output.contains("canary"))
    }

    @Test func `the help of each command has an example`() async throws {
        for command in ["set", "list", "delete", "rotate", "new-key"] {
            let result = try await RunningSpotter.command(["secrets", command, "--help"])
            #expect(result.code == 0)
            #expect(result.output.contains("Example:\n  spotter secrets \(command)"))
        }
    }
}
