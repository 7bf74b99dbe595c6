import EventLoopKit
import Foundation
import HTTPClientKit
import PostgresKit
import SigningKit
import SpotterCommandLine
import SpotterDomain

extension SpotterProduct {
    func examine() async -> [Finding] {
        var findings = [Finding("Files", .ok, settings.home.path)]
        let (files, problems) = Templates.problems(home: settings.home, tenants: nil)
        findings.append(
            problems.isEmpty
                ? Finding("Tenants and templates", .ok, "\(files) tenants")
                : Finding("Tenants and templates", .failed, problems.joined(separator: "\n      ")))
        findings.append(keyFinding())
        findings.append(sealingKeyFinding())
        findings += providerFindings()
        findings.append(browserFinding())
        findings.append(approvalMailFinding())
        findings.append(await databaseFinding())
        return findings
    }

    func probe(url: String) async throws -> Bool {
        let loops = EventLoopGroup(count: 1)
        defer { loops.stop() }
        let client = HTTPClient(loops: loops.loops)
        let response = try await client.send(OutgoingRequest("GET", url + "/v1/health/ready"))
        return response.status == 200
    }

    private func keyFinding() -> Finding {
        let keys = signingKeys(data: dataDirectory)
        guard FileManager.default.fileExists(atPath: keys.path) else {
            let isNeeded = settings.signingKeysPath != nil
            return Finding(
                "Signing keys", isNeeded ? .failed : .ok,
                isNeeded ? "\(keys.path) is not there: `spotter token rotate-key` makes it" : "made at the first start")
        }
        do {
            return Finding("Signing keys", .ok, "\(try keys.load(makingIfMissing: false).keyIDs.count) in \(keys.path)")
        } catch {
            return Finding("Signing keys", .failed, "\((error as? SpotterError)?.message ?? "\(error)")")
        }
    }

    private func sealingKeyFinding() -> Finding {
        let name = "Sealing keys"
        do {
            let keys = try sealingKeys(data: dataDirectory)
            guard let ring = try keys.ring() else { return Finding(name, .ok, "made with the first secret") }
            return Finding(name, .ok, "\(ring.keyIDs.count) in \(keys.description)")
        } catch {
            return Finding(name, .failed, (error as? SpotterError)?.message ?? "\(error)")
        }
    }

    private func providerFindings() -> [Finding] {
        ["OPENAI", "ANTHROPIC"].map { name in
            let isSet =
                settings.environment["\(name)_API_KEY"] != nil || settings.environment["\(name)_BASE_URL"] != nil
            return Finding(
                "Models of \(name)", isSet ? .ok : .warning,
                isSet
                    ? "configured"
                    : "\(name)_API_KEY is not set; the offline model answers in its place where a tenant says so")
        }
    }

    /// Who may decide on something is written to where there is a way out and an address for the link.
    private func approvalMailFinding() -> Finding {
        let name = "Approvals by e-mail"
        do {
            let tenants = ((try? Templates(home: settings.home))?.tenants ?? []).filter { $0.messaging?.email != nil }
            let slugs = tenants.map(\.slug).joined(separator: ", ")
            switch (try settings.publicURL, tenants.isEmpty) {
            case (_, true): return Finding(name, .ok, "off: no tenant has messaging.email")
            case (nil, false):
                return Finding(
                    name, .warning,
                    "off: \(slugs) could write to those who decide; set SPOTTER_PUBLIC_URL to where they reach this "
                        + "server")
            case (let url?, false):
                return Finding(name, .ok, "\(slugs) write to tokens whose subject is an e-mail address; \(url)")
            }
        } catch { return Finding(name, .failed, (error as? SpotterError)?.message ?? "\(error)") }
    }

    private func browserFinding() -> Finding {
        let name = "Browser"
        do {
            let browser = try BrowserSettings(environment: settings.environment)
            let users = (try? Templates(home: settings.home))?.tenants.filter { $0.browser?.enabled == true } ?? []
            guard let program = browser.program else {
                return users.isEmpty
                    ? Finding(name, .ok, "none is installed, and no tenant wants one")
                    : Finding(
                        name, .failed,
                        "\(users.map(\.slug).joined(separator: ", ")) wants one: apt-get install chromium, or set "
                            + "SPOTTER_CHROMIUM")
            }
            if browser.isSandboxed, geteuid() == 0 {
                return Finding(
                    name, users.isEmpty ? .ok : .failed,
                    "\(program) does not run as root: use another user, or set SPOTTER_CHROMIUM_SANDBOX=off where a "
                        + "container takes its place")
            }
            return Finding(
                name, browser.isSandboxed ? .ok : .warning,
                program + (browser.isSandboxed ? "" : ", without its sandbox (SPOTTER_CHROMIUM_SANDBOX)"))
        } catch { return Finding(name, .failed, (error as? SpotterError)?.message ?? "\(error)") }
    }

    private func databaseFinding() async -> Finding {
        do {
            return try await withApplication { application, opened, _ in
                let version = try await application.database.serverVersion()
                let place = opened.cluster.map { "private, in \($0.endpoint.socketDirectory)" } ?? "of DATABASE_URL"
                return Finding("Database", .ok, "PostgreSQL \(version / 10_000).\(version % 10_000), \(place)")
            }
        } catch let error as SpotterError where error.code == .notFound && settings.databaseURL == nil {
            return Finding("Database", .warning, error.message)
        } catch {
            return Finding("Database", .failed, "\((error as? SpotterError)?.message ?? "\(error)")")
        }
    }
}
