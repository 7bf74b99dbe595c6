public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameters:
    ///   - memory: what `store_data` keeps; nil leaves the tools of memory out.
    ///   - analytics: the gym's figures; nil leaves the tools of reports out.
    ///   - http: `http_request` with its way out; nil leaves it out.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, memory: (any WorkingMemoryStore)? = nil,
        analytics: (any AnalyticsStore)? = nil, ids: any IDGenerator = RandomIDGenerator(),
        http: SendHTTPRequest? = nil
    ) -> ToolSet {
        let crm: [any Tool] = [
            SearchClients(clients: clients),
            ViewClassSchedule(schedule: schedule),
            CheckClassAvailability(schedule: schedule),
        ]
        let notes: [any Tool] = memory.map { [StoreData(memory: $0, ids: ids), RetrieveData(memory: $0)] } ?? []
        let core: [any Tool] = notes + [http].compactMap { $0 }
        return ToolSet(crm + (analytics.map(reports) ?? []) + core)
    }

    /// What works figures out, and the one tool of records that does.
    private static func reports(_ analytics: any AnalyticsStore) -> [any Tool] {
        [
            CalculateEngagementScore(analytics: analytics),
            GenerateRevenueReport(analytics: analytics),
            GenerateChurnReport(analytics: analytics),
            GenerateLTVReport(analytics: analytics),
            GenerateMonthlyTurnoverReport(analytics: analytics),
            CalculateMRR(analytics: analytics),
            CalculateARR(analytics: analytics),
            AnalyzePaymentTrends(analytics: analytics),
            AnalyzeClassAttendance(analytics: analytics),
            AnalyzeMemberEngagement(analytics: analytics),
            AnalyzeNoShowRates(analytics: analytics),
            IdentifyAtRiskMembers(analytics: analytics),
            GenerateOperationsReport(analytics: analytics),
        ]
    }
}
