public import SpotterDomain

/// What is to be brought in.
public struct ImportOrder: Sendable {
    /// The plural of the kind, such as `clients`.
    public let kind: String
    /// The CSV file.
    public let file: String
    /// Whose records they are, by slug.
    public let organization: String
    /// Whether nothing is to be written, only said what would be.
    public let isDryRun: Bool
    /// Whether columns that nothing is known by the name of are left out.
    public let skipsUnknown: Bool
    /// In which order dates are, whatever the columns seem to tell; nil to look at them.
    public let dates: CellForms.DateOrder?
    /// Where the rows that were refused are told of, as CSV.
    public let report: String?

    /// Puts the order together.
    public init(
        kind: String, file: String, organization: String, isDryRun: Bool, skipsUnknown: Bool,
        dates: CellForms.DateOrder?, report: String?
    ) {
        self.kind = kind
        self.file = file
        self.organization = organization
        self.isDryRun = isDryRun
        self.skipsUnknown = skipsUnknown
        self.dates = dates
        self.report = report
    }
}

/// How far an import is.
public struct ImportProgress: Sendable {
    /// 0 to 1.
    public let share: Double
    /// Rows that are done with.
    public let rows: Int

    /// So far.
    public init(share: Double, rows: Int) {
        self.share = share
        self.rows = rows
    }
}

/// What became of a file.
public struct ImportReport: Sendable, Codable {
    /// A row that was refused.
    public struct Problem: Sendable, Codable {
        /// Where it begins in the file.
        public let line: Int
        /// What the file calls the record: its external id or, where there is none, its id; empty where it does not say.
        public let externalId: String
        /// The column at fault; empty where it is the row.
        public let column: String
        /// What is wrong.
        public let message: String

        /// A row that was refused.
        public init(line: Int, externalId: String, column: String, message: String) {
            self.line = line
            self.externalId = externalId
            self.column = column
            self.message = message
        }
    }

    /// The plural of the kind.
    public var kind: String
    /// How the file is written down.
    public var encoding = TextEncoding.utf8.rawValue
    /// What is between its fields.
    public var delimiter = ","
    /// What was found out of its columns.
    public var findings: [String] = []
    /// Whether nothing was written.
    public var dryRun: Bool
    /// Rows without the first.
    public var rows = 0
    /// New records.
    public var created = 0
    /// Records that changed.
    public var updated = 0
    /// Records that said so already.
    public var unchanged = 0
    /// Rows that were refused.
    public var failed = 0
    /// The first of these.
    public var problems: [Problem] = []

    /// Nothing has been read.
    public init(kind: String, isDryRun: Bool) {
        self.kind = kind
        dryRun = isDryRun
    }
}
