import Foundation
import SpotterDomain

/// Where the files live that come with Spotter: `migrations/`, `templates/`, `tenants/` and `dashboard/`.
struct ProductHome: Sendable {
    let path: String

    var migrations: String { path + "/migrations" }
    var agentTemplates: String { path + "/templates/agents" }
    var prompts: String { path + "/templates/prompts" }
    var messageTemplates: String { path + "/templates/messages" }
    var workflowTemplates: String { path + "/templates/workflows" }
    var sessionTemplates: String { path + "/templates/sessions" }
    var pricing: String { path + "/templates/pricing.yaml" }
    var tenants: String { path + "/tenants" }
    var dashboard: String { path + "/dashboard" }

    /// `SPOTTER_HOME`, the working directory, a folder above the executable, or `share/spotter` beside its `bin`.
    static func find(environment: [String: String]) throws -> ProductHome {
        if let named = environment["SPOTTER_HOME"] {
            guard isHome(named) else {
                throw SpotterError(.invalid, "SPOTTER_HOME is \(named), but there is no migrations folder in it.")
            }
            return ProductHome(path: named)
        }
        for candidate in candidates() where isHome(candidate) { return ProductHome(path: candidate) }
        throw SpotterError(
            .invalid,
            "Spotter's migrations and templates are not found. Set SPOTTER_HOME to the folder that holds them.")
    }

    private static func candidates() -> [String] {
        var candidates = [FileManager.default.currentDirectoryPath]
        guard let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else {
            return candidates
        }
        var folder = (executable as NSString).deletingLastPathComponent
        candidates.append((folder as NSString).deletingLastPathComponent + "/share/spotter")
        for _ in 0..<5 {
            candidates.append(folder)
            folder = (folder as NSString).deletingLastPathComponent
        }
        return candidates
    }

    private static func isHome(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path + "/migrations/0001_organizations.sql")
    }
}
