public import SpotterDomain

/// Every tool there is. A tool that is not in this list does not exist.
public enum ToolCatalog {
    /// The names of all tools, for files that name them before there is a database.
    public static let names: Set<String> = [
        "search_clients", "view_class_schedule", "check_class_availability", "store_data", "retrieve_data",
        "http_request", "update_plan", "advance_phase", "ask_user", "delegate", "send_agent_message",
        "read_agent_messages",
        "send_email", "send_sms", "create_support_ticket", "notify_staff", "send_message_to_client",
        "send_message_to_lead", "send_retention_message", "send_report_email", "schedule_follow_up",
        "send_bulk_message",
        "view_client_profile", "view_client_bookings", "view_client_payments", "update_client_status", "search_leads",
        "view_lead_profile", "update_lead_status", "search_classes", "view_class_bookings", "query_payments",
        "query_subscriptions",
        "trigger_workflow", "schedule_task", "update_client_tags", "export_data", "create_retention_campaign",
        "create_lead_task", "schedule_social_post", "generate_social_content", "generate_hashtags",
        "view_calendar_events", "book_trial_class", "schedule_facility_tour",
        "calculate_engagement_score", "generate_revenue_report", "generate_churn_report", "generate_ltv_report",
        "generate_monthly_turnover_report", "calculate_mrr", "calculate_arr", "analyze_payment_trends",
        "analyze_class_attendance", "analyze_member_engagement", "analyze_no_show_rates", "identify_at_risk_members",
        "generate_operations_report",
        "navigate_browser", "extract_data", "interact_element",
    ]

    /// The tools, each in its file under `CRM/` and the folders beside it.
    ///
    /// - Parameters:
    ///   - memory: what `store_data` keeps; nil leaves the tools of memory out.
    ///   - analytics: the gym's figures; nil leaves the tools of reports out.
    ///   - http: `http_request` with its way out; nil leaves it out.
    ///   - browser: the pages that agents have open; nil leaves the tools of the browser out.
    ///   - messaging: the outbox and the staff's desk; nil leaves the tools of messaging out.
    ///   - desk: the gym's records beyond members and schedule, and what is done with them; nil leaves its tools out.
    ///   - colleagues: what agents tell each other; nil leaves those tools out.
    ///   - further: tools that are there for a test alone.
    public static func tools(
        clients: any ClientStore, schedule: any ScheduleStore, memory: (any WorkingMemoryStore)? = nil,
        analytics: (any AnalyticsStore)? = nil, ids: any IDGenerator = RandomIDGenerator(),
        http: SendHTTPRequest? = nil, browser: BrowserDesk? = nil,
        messaging: (sending: MessageSending, desk: any StaffDesk)? = nil, desk: FrontDesk? = nil,
        colleagues: (messages: any AgentMessageStore, agents: any AgentStore)? = nil,
        and further: [any Tool] = []
    ) -> ToolSet {
        let crm: [any Tool] =
            further + [
                SearchClients(clients: clients),
                ViewClassSchedule(schedule: schedule),
                CheckClassAvailability(schedule: schedule),
            ]
        let notes: [any Tool] = memory.map { [StoreData(memory: $0, ids: ids), RetrieveData(memory: $0)] } ?? []
        let talk: [any Tool] =
            colleagues.map {
                [
                    SendAgentMessage(messages: $0.messages, agents: $0.agents, ids: ids),
                    ReadAgentMessages(messages: $0.messages),
                ]
            } ?? []
        let core: [any Tool] =
            [UpdatePlan(), AdvancePhase(), AskUser(), Delegate()] + notes + talk + [http].compactMap { $0 }
        let messages = messaging.map { self.messaging($0.sending, $0.desk, ids) } ?? []
        let gym = desk.map { records($0, schedule) + automation($0, schedule, ids) } ?? []
        let figures = analytics.map(reports) ?? []
        let pages = browser.map(self.pages) ?? []
        return ToolSet(crm + gym + figures + messages + core + pages)
    }

    /// What is done with web pages.
    private static func pages(_ desk: BrowserDesk) -> [any Tool] {
        [NavigateBrowser(desk: desk), ExtractData(desk: desk), InteractElement(desk: desk)]
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
            SendMessage<MemberReceiver>(sending: sending),
            SendMessage<LeadReceiver>(sending: sending),
            SendRetentionMessage(sending: sending),
            SendReportEmail(sending: sending),
            ScheduleFollowUp(sending: sending),
            SendBulkMessage(sending: sending),
        ]
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
