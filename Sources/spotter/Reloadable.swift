import SigningKit
import SpotterDomain
import SpotterProviders
import SpotterTokens
import Synchronization

/// The signer of the present keys: a reload puts others in its place while requests go on.
final class ReloadableSigner: TokenSigner, ApprovalLinkSigner, AuditCheckpointSigner, DashboardSigner,
    UnsubscribeLinkSigner
{
    private let signer: Mutex<PasetoTokenSigner>
    private let deployment: String
    private let clock: any WallClock

    init(keys: KeyRing, deployment: String, clock: any WallClock) {
        self.deployment = deployment
        self.clock = clock
        signer = Mutex(PasetoTokenSigner(keys: keys, deployment: deployment, clock: clock))
    }

    func replace(keys: KeyRing) {
        let fresh = PasetoTokenSigner(keys: keys, deployment: deployment, clock: clock)
        signer.withLock { $0 = fresh }
    }

    func text(for token: TokenRecord) throws -> String { try signer.withLock { $0 }.text(for: token) }
    func claims(of text: String) throws -> TokenClaims { try signer.withLock { $0 }.claims(of: text) }
    func text(for link: ApprovalLink) throws -> String { try signer.withLock { $0 }.text(for: link) }
    func link(of text: String) throws -> ApprovalLink { try signer.withLock { $0 }.link(of: text) }
    func text(for link: UnsubscribeLink) throws -> String { try signer.withLock { $0 }.text(for: link) }
    func unsubscribeLink(of text: String) throws -> UnsubscribeLink {
        try signer.withLock { $0 }.unsubscribeLink(of: text)
    }
    func text(for checkpoint: AuditCheckpoint) throws -> String { try signer.withLock { $0 }.text(for: checkpoint) }
    func checkpoint(of text: String) throws -> AuditCheckpoint { try signer.withLock { $0 }.checkpoint(of: text) }
    func text(for session: DashboardSession, as form: DashboardSession.Form) throws -> String {
        try signer.withLock { $0 }.text(for: session, as: form)
    }
    func session(of text: String, as form: DashboardSession.Form) throws -> DashboardSession {
        try signer.withLock { $0 }.session(of: text, as: form)
    }
}

/// The present catalogue of models. What stands before the providers stays the same, whatever catalogue comes.
final class ReloadableModels: ModelCatalog {
    let guards: ProviderGuards
    private let catalog: Mutex<ProviderCatalog>

    init(_ catalog: ProviderCatalog) {
        guards = catalog.guards
        self.catalog = Mutex(catalog)
    }

    func replace(_ catalog: ProviderCatalog) {
        let guarded = catalog.guarded(by: guards)
        self.catalog.withLock { $0 = guarded }
    }

    func provider(
        forModel model: String, fallback: String?, in scope: OrganizationScope
    ) throws -> (provider: any ModelProvider, model: String) {
        try catalog.withLock { $0 }.provider(forModel: model, fallback: fallback, in: scope)
    }

    func fallbacks(forModel model: String, in scope: OrganizationScope) -> [String] {
        catalog.withLock { $0 }.fallbacks(forModel: model, in: scope)
    }

    func contextWindow(ofModel model: String) -> Int? {
        catalog.withLock { $0 }.contextWindow(ofModel: model)
    }
}

/// The present policies of calls of tools.
final class ReloadableToolPolicies: ToolPolicies {
    private let policies = Mutex<[OrganizationID: ToolPolicy]>([:])

    func replace(_ policies: [OrganizationID: ToolPolicy]) { self.policies.withLock { $0 = policies } }

    func toolPolicy(in scope: OrganizationScope) -> ToolPolicy {
        policies.withLock { $0[scope.organization] } ?? ToolPolicy()
    }
}

/// The present pages that may call the API.
final class ReloadableOrigins: OriginPolicies {
    private struct State {
        var known: Set<String> = []
        var byOrganization: [OrganizationID: Set<String>] = [:]
    }

    private let state = Mutex(State())

    func replace(_ origins: [OrganizationID: Set<String>]) {
        let known = origins.values.reduce(into: Set<String>()) { $0.formUnion($1) }
        state.withLock { $0 = State(known: known, byOrganization: origins) }
    }

    func isKnown(_ origin: String) -> Bool { state.withLock { $0.known.contains(origin) } }

    func allows(_ origin: String, in scope: OrganizationScope) -> Bool {
        state.withLock { $0.byOrganization[scope.organization]?.contains(origin) ?? false }
    }
}

/// The present policies of the browser.
final class ReloadableBrowserPolicies: BrowserPolicies {
    private let policies = Mutex<[OrganizationID: BrowserPolicy]>([:])

    func replace(_ policies: [OrganizationID: BrowserPolicy]) { self.policies.withLock { $0 = policies } }

    func browserPolicy(in scope: OrganizationScope) -> BrowserPolicy {
        policies.withLock { $0[scope.organization] } ?? BrowserPolicy()
    }
}

/// The present policies of outgoing HTTP requests.
final class ReloadableHTTPPolicies: HTTPPolicies {
    private let policies = Mutex<[OrganizationID: HTTPPolicy]>([:])

    func replace(_ policies: [OrganizationID: HTTPPolicy]) { self.policies.withLock { $0 = policies } }

    func policy(in scope: OrganizationScope) -> HTTPPolicy {
        policies.withLock { $0[scope.organization] } ?? HTTPPolicy()
    }
}
