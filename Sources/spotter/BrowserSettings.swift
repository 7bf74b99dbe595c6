import DevToolsKit
import Foundation
import SpotterDomain

/// Which browser agents use, from the environment: `SPOTTER_CHROMIUM` names the program, or else it is looked for in `PATH`;
/// `SPOTTER_CHROMIUM_SANDBOX=off` runs it without its own sandbox.
struct BrowserSettings: Sendable {
    /// The program; nil where none is installed.
    let program: String?
    let isSandboxed: Bool

    /// As Debian and others name it.
    private static let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"]

    /// - Throws: `SpotterError` that names the variable and what it must be.
    init(environment: [String: String]) throws {
        let sandbox = environment["SPOTTER_CHROMIUM_SANDBOX"] ?? "on"
        guard ["on", "off"].contains(sandbox) else {
            throw SpotterError(.invalid, "SPOTTER_CHROMIUM_SANDBOX must be on or off, not \(sandbox).")
        }
        isSandboxed = sandbox == "on"
        if let path = environment["SPOTTER_CHROMIUM"] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw SpotterError(
                    .invalid, "SPOTTER_CHROMIUM must be the path of Chromium's program; there is none at \(path).")
            }
            program = path
        } else {
            program = Self.find(path: environment["PATH"] ?? "")
        }
    }

    /// The browser, not started yet; nil where none is installed.
    var browser: HeadlessBrowser? {
        program.map { program in
            var configuration = HeadlessBrowser.Configuration(program: program)
            configuration.isSandboxed = isSandboxed
            return HeadlessBrowser(configuration)
        }
    }

    private static func find(path: String) -> String? {
        let folders = path.split(separator: ":").filter { $0.hasPrefix("/") }
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
