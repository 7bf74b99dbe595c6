/// The promises of the stores' protocols, checked on any implementation.
public enum StoreConformance {
    /// Every behaviour that needs an organisation of its own alone, in no order that matters.
    public static let behaviours: [StoreBehaviour] = records + work + isolation

    private static let records: [StoreBehaviour] =
        organizations + tokens + rates + audits + receipts + agents + agentLimits + workflows + triggers + hooks
        + outbound + workflowActions + sessions + alerts + figuresOfWork
        + conversations + turns + searches
        + memories
        + blocks + events + gym + secrets + outbox + contacts + notices + routings

    private static let work: [StoreBehaviour] =
        executions + tellings + executionLists + histories + approvals + waits + control + rescues + tasks
        + taskDependencies
        + fires
        + ledger + budgets + usage

    /// Behaviours of the queue: each needs stores that nobody else uses, for whoever claims takes from all
    /// organisations.
    public static let queueBehaviours: [StoreBehaviour] =
        claims + shares + times + figures + taskRaces + runsWithTheirTime + goneWorkers + looks
        + orphans + couriers + hookCouriers
}
