public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameters:
    ///   - memory: what `store_data` keeps; nil leaves the tools of memory out.
    ///   - http: `http_request` with its way out; nil leaves it out.
    ///   - desk: the gym's records beyond members and schedule, and what is done with them; nil leaves its tools out.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, memory: (any WorkingMemoryStore)? = nil,
        ids: any IDGenerator = RandomIDGenerator(), http: SendHTTPRequest? = nil, desk: FrontDesk? = nil
    ) -> ToolSet {
        let crm: [any Tool] = [
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ]
        let notes: [any Tool] = memory.map { [StoreData(memory: $0, ids: ids), RetrieveData(memory: $0)] } ?? []
        let core: [any Tool] =
            [UpdatePlan(), AdvancePhase(), AskUser(), Delegate()] + notes + [http].compactMap { $0 }
        return ToolSet(crm + (desk.map { records($0, schedule) + automation($0, schedule, ids) } ?? []) + core)
    }

    /// The rest of the tools of the gym's records.
    private static func records(_ desk: FrontDesk, _ schedule: any ScheduleStore) -> [any Tool] {
        [
            ViewClientProfile(frontDesk: desk.reading),
            ViewClientBookings(frontDesk: desk.reading),
            ViewClientPayments(frontDesk: desk.reading),
            UpdateClientStatus(records: desk.changes, ids: desk.ids),
            SearchLeads(frontDesk: desk.reading),
            ViewLeadProfile(frontDesk: desk.reading),
            UpdateLeadStatus(records: desk.changes, ids: desk.ids),
            SearchClasses(frontDesk: desk.reading),
            ViewClassBookings(schedule: schedule, frontDesk: desk.reading),
            QueryPayments(frontDesk: desk.reading),
            QuerySubscriptions(frontDesk: desk.reading),
        ]
    }

    /// What does something, now or later.
    private static func automation(
        _ desk: FrontDesk, _ schedule: any ScheduleStore, _ ids: any IDGenerator
    ) -> [any Tool] {
        [
            TriggerWorkflow(starter: desk.starter),
            ScheduleTask(planner: desk.planner, agents: desk.agents),
            UpdateClientTags(records: desk.changes),
            ExportData(exports: desk.exports, documents: desk.documents, ids: ids),
            CreateRetentionCampaign(campaigns: desk.campaigns, sendsMessages: desk.sendsMessages, ids: ids),
            CreateLeadTask(records: desk.changes, ids: ids),
            ScheduleSocialPost(posts: desk.posts, ids: ids, isConnected: desk.isPublishing),
            GenerateSocialContent(frontDesk: desk.reading, schedule: schedule),
            GenerateHashtags(frontDesk: desk.reading),
            ViewCalendarEvents(frontDesk: desk.reading),
            BookTrialClass(appointments: desk.appointments, schedule: schedule, ids: ids),
            ScheduleFacilityTour(appointments: desk.appointments, records: desk.changes, ids: ids),
        ]
    }
}
