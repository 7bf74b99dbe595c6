import Foundation
import SpotterDomain

/// `make chaos`: the whole system under load while its processes, its database and its connections fail; then every
/// promise is checked.
@main enum ChaosProgram {
    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let folder = NSTemporaryDirectory() + "spotter-chaos-\(UUID().uuidString.prefix(8))"
        do {
            let options = try ChaosOptions(environment: ProcessInfo.processInfo.environment)
            say("seed \(options.seed), \(options.seconds) s of faults (SEED=\(options.seed) make chaos repeats it)")
            let run = ChaosRun(options: options) { say("  " + $0) }
            let outcome = try await run.run(binary: binary, folder: folder)
            say(outcome.summary)
            guard outcome.violations.isEmpty else {
                for violation in outcome.violations.prefix(100) { say("BROKEN  \(violation)") }
                say("\(outcome.violations.count) promises broken with seed \(options.seed); logs in \(folder)/log")
                exit(1)
            }
            say("\(Rule.all.count) rules hold (seed \(options.seed)).")
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            say("The run could not be carried out: \(String(reflecting: error)); logs in \(folder)/log")
            exit(2)
        }
    }

    /// At once, also where the output is a file.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    /// The product, built beside this program: with its fault points, so in debug.
    private static var binary: String {
        let own = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        return own.deletingLastPathComponent().appendingPathComponent("spotter").path
    }
}
