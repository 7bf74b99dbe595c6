public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The names of all tools, for files that name them before there is a database.
    public static let names: Set<String> = [
        "search_clients", "view_class_schedule", "check_class_availability", "store_data", "retrieve_data",
        "http_request", "update_plan", "advance_phase", "ask_user", "delegate",
        "send_email", "send_sms", "create_support_ticket", "notify_staff", "send_message_to_client",
        "send_message_to_lead", "send_retention_message", "send_report_email", "schedule_follow_up",
        "send_bulk_message",
    ]

    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameters:
    ///   - memory: what `store_data` keeps; nil leaves the tools of memory out.
    ///   - http: `http_request` with its way out; nil leaves it out.
    ///   - messaging: the outbox and the staff's desk; nil leaves the tools of messaging out.
    ///   - further: tools that are there for a test alone.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, memory: (any WorkingMemoryStore)? = nil,
        ids: any IDGenerator = RandomIDGenerator(), http: SendHTTPRequest? = nil,
        messaging: (sending: MessageSending, desk: any StaffDesk)? = nil, and further: [any Tool] = []
    ) -> ToolSet {
        let crm: [any Tool] = further + [
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ]
        let notes: [any Tool] = memory.map { [StoreData(memory: $0, ids: ids), RetrieveData(memory: $0)] } ?? []
        let core: [any Tool] =
            [UpdatePlan(), AdvancePhase(), AskUser(), Delegate()] + notes + [http].compactMap { $0 }
        let messages = messaging.map { self.messaging($0.sending, $0.desk, ids) } ?? []
        return ToolSet(crm + messages + core)
    }

    /// What reaches people: members, leads and the staff.
    private static func messaging(
        _ sending: MessageSending, _ desk: any StaffDesk, _ ids: any IDGenerator
    ) -> [any Tool] {
        [
            SendEmail(sending: sending),
            SendSMS(sending: sending),
            CreateSupportTicket(sending: sending, desk: desk, ids: ids),
            NotifyStaff(sending: sending, desk: desk, ids: ids),
            SendMessageToClient(sending: sending),
            SendMessageToLead(sending: sending),
            SendRetentionMessage(sending: sending),
            SendReportEmail(sending: sending),
            ScheduleFollowUp(sending: sending),
            SendBulkMessage(sending: sending),
        ]
    }
}
