public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameters:
    ///   - memory: what `store_data` keeps; nil leaves the tools of memory out.
    ///   - http: `http_request` with its way out; nil leaves it out.
    ///   - messaging: the outbox and the staff's desk; nil leaves the tools of messaging out.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, memory: (any WorkingMemoryStore)? = nil,
        ids: any IDGenerator = RandomIDGenerator(), http: SendHTTPRequest? = nil,
        messaging: (sending: MessageSending, desk: any StaffDesk)? = nil
    ) -> ToolSet {
        let crm: [any Tool] = [
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ]
        let notes: [any Tool] = memory.map { [StoreData(memory: $0, ids: ids), RetrieveData(memory: $0)] } ?? []
        let core: [any Tool] = notes + [http].compactMap { $0 }
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
