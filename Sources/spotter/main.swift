import Foundation
import SpotterCommandLine
import SpotterDomain

// A reader that goes away ends a write with an error, not the process.
signal(SIGPIPE, SIG_IGN)

fillStandardStreams()

let environment = ProcessInfo.processInfo.environment
let terminal = Terminal.standard(environment: environment)
do {
    let product = SpotterProduct(settings: try Settings(environment: environment))
    exit(await SpotterCommand.run(Array(CommandLine.arguments.dropFirst()), product, terminal))
} catch {
    terminal.complain("error: \((error as? SpotterError)?.message ?? "\(error)")")
    exit(2)
}
