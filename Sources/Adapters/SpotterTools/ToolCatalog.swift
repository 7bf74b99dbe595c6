public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameter http: `http_request` with its way out; nil leaves it out.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, http: SendHTTPRequest? = nil
    ) -> ToolSet {
        let crm: [any Tool] = [
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ]
        let core: [any Tool] = [http].compactMap { $0 }
        return ToolSet(crm + core)
    }
}
