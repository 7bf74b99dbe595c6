public import SpotterDomain

/// What the tools of the front desk work with.
public struct FrontDesk: Sendable {
    let reading: any FrontDeskStore
    let changes: any FrontDeskChanges
    let appointments: any AppointmentStore
    let campaigns: any CampaignDesk
    let posts: any SocialDesk
    let exports: any ExportStore
    let documents: any DocumentStore
    let planner: any TaskPlanner
    let starter: any WorkflowStarter
    let agents: any AgentStore
    let sendsMessages: Bool
    let isPublishing: @Sendable (OrganizationScope) -> Bool
    let ids: any IDGenerator

    /// - Parameters:
    ///   - planner: makes tasks.
    ///   - starter: starts what is set up.
    ///   - sendsMessages: whether the messages of campaigns have a way out.
    ///   - isPublishing: whether an organisation has a way to publish posts.
    public init(
        reading: any FrontDeskStore, changes: any FrontDeskChanges, appointments: any AppointmentStore,
        campaigns: any CampaignDesk, posts: any SocialDesk, exports: any ExportStore, documents: any DocumentStore,
        planner: any TaskPlanner, starter: any WorkflowStarter, agents: any AgentStore, sendsMessages: Bool,
        isPublishing: @escaping @Sendable (OrganizationScope) -> Bool, ids: any IDGenerator = RandomIDGenerator()
    ) {
        self.reading = reading
        self.changes = changes
        self.appointments = appointments
        self.campaigns = campaigns
        self.posts = posts
        self.exports = exports
        self.documents = documents
        self.planner = planner
        self.starter = starter
        self.agents = agents
        self.sendsMessages = sendsMessages
        self.isPublishing = isPublishing
        self.ids = ids
    }
}
