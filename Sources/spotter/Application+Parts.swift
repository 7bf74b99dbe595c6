import EventLoopKit
import HTTPClientKit
import ServiceKit
import SpotterDomain
import SpotterEngine
import SpotterMonitoring
import SpotterPostgres
import SpotterSecrets
import SpotterTenants
import SpotterTools
import SpotterWorkflows

extension Application {
    /// Whether a text is an e-mail address alone, without a name.
    static let isAddress: @Sendable (String) -> Bool = {
        [mailbox = TenantVocabulary.system(packs: nil).isMailbox] text in
        !text.contains("<") && text.contains("@") && mailbox(text)
    }

    /// What messages get before they go: links that are kept nowhere.
    static func finishing(_ postman: ApprovalPostman, _ note: UnsubscribeNote) -> OutboxCourier.Finishing {
        { message, scope in try await postman.finish(note.finish(message, in: scope), in: scope) }
    }

    /// What the front desk's tools work with.
    static func desk(
        _ stores: PostgresStores, _ tasks: TaskDesk, _ starter: ProcedureDesk, _ policies: ReloadableHTTPPolicies
    ) -> FrontDesk {
        FrontDesk(
            reading: stores.frontDesk, changes: stores.frontDeskChanges, appointments: stores.appointments,
            campaigns: stores.campaigns, posts: stores.posts, exports: stores.exports, documents: stores.documents,
            planner: tasks, starter: starter, agents: stores.agents, sendsMessages: true,
            isPublishing: { policies.policy(in: $0).postsTo != nil })
    }

    /// Hooks that receive, and those that send: on connections of their own, so that slow targets hold up nobody else.
    static func hooks(
        _ stores: PostgresStores, _ secrets: HookSecretKeeper, _ starter: HookStarter,
        _ desk: MessageDesk, loops: EventLoopGroup,
        openAddresses: Set<RemoteAddress>, meters: Meters, clock: any WallClock, ids: any IDGenerator, log: Log,
        onStart: @escaping @Sendable (OrganizationScope) -> Void
    ) -> (HookService, HookCourier) {
        var way = GuardedClient.Configuration()
        (way.openAddresses, way.maximumPartitions) = (openAddresses, 256)
        way.maximumConnections = OutboundLimits.mostAtOnce
        let sender = HookSender(
            client: GuardedClient(loops: loops.loops, configuration: way), openAddresses: openAddresses)
        let courier = HookCourier(
            store: stores.outbound, events: stores.events, secrets: secrets, signer: WebhookJudge(),
            transport: sender, clock: clock, ids: ids, log: log.module("hooks"),
            onDisabled: HookNotices(desk: stores.desk, clock: clock, ids: ids, log: log).tell,
            onOutcome: { step in
                switch step {
                case .delivered: meters.noteDelivery("delivered")
                case .again: meters.noteDelivery("retried")
                case .failed: meters.noteDelivery("failed")
                // Nothing was tried.
                case .handedBack: break
                }
            },
            traceOfRun: ToolTracing(monitoring: stores.monitoring).parent)
        let service = HookService(
            store: stores.hooks, secrets: secrets, judge: WebhookJudge(), starter: starter,
            sending: HookSending(
                store: stores.outbound, events: stores.events, transport: sender, onQueued: { courier.wake() }),
            desk: desk, ids: ids, log: log.module("hooks"), onStart: onStart)
        return (service, courier)
    }
}
