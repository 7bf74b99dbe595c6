public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The tools, each in its file under `CRM/` and the folders beside it.
    public static func tools(clients: any ClientStore, schedule: any ScheduleStore) -> ToolSet {
        ToolSet([
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ])
    }
}
