/// How the gym did in a period, across its records.
public struct OperationsReport: Sendable, Hashable {
    /// Members at the beginning, who joined and who left.
    public let members: TurnoverLine
    /// Sessions and bookings, by class, weekday and hour.
    public let attendance: [AttendanceLine]
    /// Money, by currency, kind and method.
    public let revenue: [RevenueLine]
    /// Recurring revenue, by currency.
    public let recurring: [Movement]
    /// The rest.
    public let counts: Counts

    /// What is merely counted.
    public struct Counts: Sendable, Hashable {
        /// Check-ins in the period.
        public let checkIns: Int
        /// Members with a check-in in the period.
        public let visitors: Int
        /// Payments that failed in the period.
        public let failedPayments: Int
        /// Leads that came in the period.
        public let newLeads: Int
        /// Leads that became members in the period.
        public let wonLeads: Int
        /// Tickets opened in the period.
        public let openedTickets: Int
        /// Tickets that are open or pending now.
        public let openTickets: Int

        /// Counts.
        public init(
            checkIns: Int, visitors: Int, failedPayments: Int, newLeads: Int, wonLeads: Int, openedTickets: Int,
            openTickets: Int
        ) {
            self.checkIns = checkIns
            self.visitors = visitors
            self.failedPayments = failedPayments
            self.newLeads = newLeads
            self.wonLeads = wonLeads
            self.openedTickets = openedTickets
            self.openTickets = openTickets
        }
    }

    /// A report.
    public init(
        members: TurnoverLine, attendance: [AttendanceLine], revenue: [RevenueLine], recurring: [Movement],
        counts: Counts
    ) {
        self.members = members
        self.attendance = attendance
        self.revenue = revenue
        self.recurring = recurring
        self.counts = counts
    }
}
