import SpotterBilling
import SpotterDomain
import SpotterTenants
import SpotterTools
import Synchronization

/// The configuration files as they were last read without a fault.
final class Templates: MessageTemplates {
    private struct State {
        var agents: [AgentTemplate]
        var messages: [MessageTemplate]
        var workflows: [WorkflowTemplate]
        var sessions: [SessionTemplate]
        var tenants: [TenantDefinition]
        var prices: PriceList
        var prompts: AutonomyPrompts
    }

    private let home: ProductHome
    private let state: Mutex<State>

    /// Reads everything; throws all that is wrong, with its places.
    init(home: ProductHome) throws {
        self.home = home
        state = Mutex(try Self.read(home, tenants: nil))
    }

    /// The folder of the dashboard's files.
    var dashboard: String { home.dashboard }

    /// The agents' templates.
    var agents: [AgentTemplate] { state.withLock(\.agents) }
    /// The messages' templates.
    var templates: [MessageTemplate] { state.withLock(\.messages) }
    /// The workflows' templates.
    var workflows: [WorkflowTemplate] { state.withLock(\.workflows) }
    /// The sessions' templates.
    var sessions: [SessionTemplate] { state.withLock(\.sessions) }
    /// The tenants' definitions.
    var tenants: [TenantDefinition] { state.withLock(\.tenants) }

    /// What agents on their own are guided by.
    var prompts: AutonomyPrompts { state.withLock(\.prompts) }

    /// What models cost, by the list as it was last read.
    var pricing: some Pricing { CurrentPrices(templates: self) }

    /// Every version of a price or markup that a ledger line may name.
    var published: (prices: [ModelPrice], markups: [Markup]) { state.withLock(\.prices.published) }

    /// A reload changes the prices of the calls after it.
    private struct CurrentPrices: Pricing {
        let templates: Templates

        func quote(model: String, provider: String, plan: Organization.Plan?) -> Quote? {
            templates.state.withLock(\.prices).quote(model: model, provider: provider, plan: plan)
        }
    }

    /// Reads everything again, from `tenants` if a folder is named. All or nothing: after an error the old
    /// configuration stays.
    func reload(tenants: String? = nil) throws {
        let fresh = try Self.read(home, tenants: tenants)
        state.withLock { $0 = fresh }
    }

    /// The templates of the packs named, or of the tenant's own packs, or of `gym`.
    func select(packs: [String]?, forTenant slug: String) throws -> [AgentTemplate] {
        let (agents, tenants) = state.withLock { ($0.agents, $0.tenants) }
        let wanted = packs ?? tenants.first { $0.slug == slug }?.templates ?? ["gym"]
        let known = Set(agents.map(\.pack))
        if let unknown = wanted.first(where: { !known.contains($0) }) {
            let hint = DidYouMean.hint(for: unknown, among: Array(known))
            throw SpotterError.invalid("/packs", "name \(unknown), which is not a pack\(hint)")
        }
        return agents.filter { wanted.contains($0.pack) }
    }

    /// What is wrong with the tenant files in a folder, and how many there are.
    static func problems(home: ProductHome, tenants: String?) -> (files: Int, problems: [String]) {
        do {
            return (try read(home, tenants: tenants).tenants.count, [])
        } catch let error as ConfigurationError {
            return (Set(error.issues.map(\.file)).count, error.issues.map(\.description))
        } catch {
            return (0, ["\(error)"])
        }
    }

    private static func read(_ home: ProductHome, tenants folder: String?) throws -> State {
        let agents = try TemplateDirectory(
            path: home.agentTemplates, knownTools: ToolCatalog.names.union(ToolCatalog.connectorNames)
        ).read()
        let messages = try MessageTemplateDirectory(path: home.messageTemplates).read()
        let words = WorkflowVocabulary.files(agents: agents)
        let workflows = try WorkflowTemplateDirectory(path: home.workflowTemplates, knowing: words).read()
        let sessions = try SessionTemplateDirectory(path: home.sessionTemplates, knowing: words).read()
        let vocabulary = TenantVocabulary.system(
            packs: Set(agents.map(\.pack)), tools: ToolCatalog.names.union(ToolCatalog.connectorNames))
        let tenants = try TenantDirectory(path: folder ?? home.tenants, vocabulary: vocabulary).read()
        let pricing = try PricingFile(path: home.pricing).read()
        let prices = try PriceList(pricing.prices, markups: pricing.markups)
        let prompts = try PromptDirectory(path: home.prompts).read()
        return State(
            agents: agents, messages: messages, workflows: workflows, sessions: sessions, tenants: tenants,
            prices: prices, prompts: prompts)
    }
}

extension WorkflowVocabulary {
    /// What workflows may name before there is an organisation: the agents that can be seeded, and the tools by name; what
    /// a tool takes is checked where the tools are.
    static func files(agents: [AgentTemplate]) -> WorkflowVocabulary {
        WorkflowVocabulary(
            agents: Set(agents.map(\.slug) + agents.map(\.settings.name)),
            offers: Dictionary(
                agents.flatMap { [($0.slug, $0.settings.offers), ($0.settings.name, $0.settings.offers)] },
                uniquingKeysWith: { $0.union($1) }),
            capabilities: Set(agents.flatMap { $0.settings.capabilities ?? [] }),
            tools: Dictionary(
                uniqueKeysWithValues: ToolCatalog.names.union(ToolCatalog.connectorNames).map { ($0, JSONSchema(.any)) }
            ))
    }
}
