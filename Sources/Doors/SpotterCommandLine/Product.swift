public import SpotterDomain

/// What the commands can ask of the product. Whoever assembles it implements this.
public protocol Product: Benchmarks {
    /// Such as `0.1.0`.
    var version: String { get }

    /// Starts everything and serves until it is told to stop. `onReady` is called once, when requests are answered.
    func up(_ options: UpOptions, onReady: @escaping @Sendable (ReadyReport) -> Void) async throws
    /// Serves on a database that is there and migrated. `onReady` gets the address, or nil where no requests are
    /// answered.
    func serve(_ options: ServeOptions, onReady: @escaping @Sendable (String?) -> Void) async throws

    /// Applies what is missing, or only says what is.
    func migrate(onlyStatus: Bool) async throws -> [MigrationReport]

    /// What is wrong with the tenant files, as `file:line:column: message`; empty when all is well.
    func validateTenants(directory: String?) async throws -> (files: Int, problems: [String])
    /// Applies the tenant files: all of them or none.
    func applyTenants(directory: String?) async throws -> [Organization]
    /// Takes an organisation out of the database, with everything that it has.
    ///
    /// - Parameters:
    ///   - folder: where everything is written before it is deleted; nil for nowhere.
    ///   - isDryRun: says what would be deleted, and changes nothing.
    func offboard(_ slug: String, to folder: String?, isDryRun: Bool) async throws -> [PrivacyFinding]
    /// Every organisation.
    func organizations() async throws -> [Organization]
    /// Seeds agents from templates.
    func seed(organization: String, packs: [String]?, mode: SeedMode, isDryRun: Bool) async throws -> [SeedOutcome]

    /// The workflow of a file, checked as far as that can be done without a database.
    ///
    /// - Parameter isOutline: leaves everything unchecked but its shape: for a picture of it.
    /// - Throws: everything that is wrong with it, as `file:line:column: message`, one a line.
    func workflow(file: String, isOutline: Bool) throws -> WorkflowDefinition

    /// The figures of an organisation's queue.
    func queueStatistics(organization: String) async throws -> QueueStatistics
    /// Holds an organisation's queue back, or lets it go on.
    func setQueuePaused(_ isPaused: Bool, organization: String) async throws -> QueueStatistics
    /// What was given up, newest first; at most `limit`.
    func deadExecutions(organization: String, limit: Int) async throws -> [Execution]
    /// Puts what was given up back into the queue.
    func requeue(_ id: ExecutionID, organization: String) async throws -> Execution
    /// What an organisation's people are asked to allow, newest first; at most `limit`.
    func approvals(_ filter: ApprovalFilter, organization: String, limit: Int) async throws -> [Approval]
    /// One of them.
    func approval(_ id: ApprovalID, organization: String) async throws -> Approval
    /// Decides on one of them, from the console.
    func decide(_ decision: ConsoleDecision, on id: ApprovalID, organization: String) async throws -> Approval
    /// How an organisation's schedules are, with at most `coming` of the next fires.
    func schedulerStatus(coming: Int, organization: String) async throws -> SchedulerStatus
    /// An organisation's messages on their way out, newest first; at most `limit`.
    func outbox(_ filter: OutboxFilter, organization: String, limit: Int) async throws -> [OutboxMessage]
    /// Sends a message again that failed, was cancelled or needs a review.
    func retryMessage(_ id: OutboxID, organization: String) async throws -> OutboxMessage
    /// Keeps a message from going out.
    func cancelMessage(_ id: OutboxID, organization: String) async throws -> OutboxMessage
    /// An organisation's hooks, newest first; with the endpoint of those that send.
    func hooks(organization: String) async throws -> [(hook: Hook, endpoint: HookEndpoint?)]
    /// Receives an organisation's events on loopback until it is told to stop. A hook that it has made is deleted then.
    func listen(_ order: HookListening, onHearing: @escaping @Sendable (HookHearing) -> Void) async throws
    /// An organisation's connectors to CRMs, and how they stand.
    func connectors(organization: String) async throws -> [ConnectorReport]
    /// One of them, with its newest notes; the only one there is where no id is given.
    func connector(_ id: String?, organization: String) async throws -> ConnectorReport
    /// Makes sure that a CRM can be reached; answers what it calls the account.
    func checkConnector(_ id: String?, organization: String) async throws -> String
    /// Runs a connector here and now, or with `isDryRun` says what a run would do.
    func syncConnector(
        _ id: String?, isFull: Bool, isDryRun: Bool, organization: String
    ) async throws -> SyncReport
    /// An execution with its journal and its events.
    func timeline(of id: ExecutionID, organization: String) async throws -> (journal: Journal, events: [Event])

    /// Works an organisation's month out again from its lines.
    func verify(_ month: BillingMonth, organization: String) async throws -> StatementReport
    /// Closes a month of an organisation with all before it.
    func close(_ month: BillingMonth, organization: String) async throws -> ClosedMonth
    /// Puts a line of an organisation's ledger right by another, which counts for now.
    func correct(_ correction: Correction, organization: String) async throws -> LedgerLine

    /// Works the chains of the audit log out again: an organisation's, or all.
    ///
    /// - Parameter checkpoint: one that was kept elsewhere, as it was signed.
    func verifyAudit(organization: String?, checkpoint: String?) async throws -> [AuditFinding]
    /// Seals what an organisation's audit log has, and signs its head. Nil where it has no entry.
    func auditCheckpoint(organization: String) async throws -> String?
    /// Gives an organisation's audit log out. Returns how many entries there were.
    func exportAudit(
        _ format: AuditExport.Format, organization: String, to write: @escaping @Sendable (String) throws -> Void
    ) async throws -> Int

    /// Everything about one member, as files in a folder. Returns what was found.
    ///
    /// - Parameter member: an id of a client or a lead, or an e-mail address.
    func exportPerson(_ member: String, organization: String, to folder: String) async throws -> [PrivacyFinding]
    /// Forgets one member everywhere.
    ///
    /// - Parameter isDryRun: says what would be changed, and changes nothing.
    func erasePerson(_ member: String, organization: String, isDryRun: Bool) async throws -> [PrivacyFinding]
    /// Writes the whole database into a file, with a manifest beside it.
    func backUp(to file: String) async throws -> BackupManifest
    /// Brings a backup back into an empty database, so that nothing in it happens twice.
    func restore(from file: String) async throws -> RestoreReport

    /// Issues a token for an organisation, by slug.
    func issueToken(_ order: TokenIssuer.Order, organization: String) async throws -> (
        record: TokenRecord, text: String
    )
    /// What a token says of itself, and whether it is good.
    func inspectToken(_ text: String) async throws -> TokenInspection
    /// What a token says of itself and, where the database can be reached, whether it is good.
    func checkToken(_ text: String, isOffline: Bool) async throws -> TokenCheck
    /// Looks for leaked secrets of Spotter in files, folders and (`-`) standard input; tells each as it is found.
    func scanForSecrets(_ paths: [String], found: (SecretFinding) -> Void) throws -> SecretScan
    /// An organisation's tokens, newest first.
    func tokens(organization: String) async throws -> [TokenRecord]
    /// Revokes a token.
    func revokeToken(_ id: TokenID, organization: String) async throws
    /// Makes a new signing key; tokens of the old one stay good. Returns the new key's id.
    func rotateSigningKey() async throws -> String

    /// The providers for which an organisation can keep a key.
    var secretProviders: [String] { get }
    /// Keeps an organisation's key for a provider, in the place of the one it had.
    func setSecret(_ source: SecretSource, provider: String, organization: String) async throws -> SealedSecret
    /// An organisation's secrets, by name.
    func secrets(organization: String) async throws -> [SealedSecret]
    /// Forgets an organisation's key for a provider.
    func deleteSecret(provider: String, organization: String) async throws
    /// Seals all secrets anew: with a new key, or with the one that seals now.
    func rotateSecrets(_ options: SecretRotationOptions) async throws -> SecretRotationReport
    /// A new sealing key, for a ring that is kept by hand.
    func newSealingKey() throws -> String

    /// Opens a conversation with an agent, named by name, role or id.
    func openChat(organization: String, agent: String) async throws -> any ChatSession

    /// Fills an organisation with an invented past.
    ///
    /// - Parameter onProgress: told how many of how many parts are there.
    /// - Returns: how many records were added.
    func demo(_ order: DemoOrder, onProgress: @escaping @Sendable (Int, Int) -> Void) async throws -> Int
    /// Lets an agent work on its own on a task, and follows it until it ends or waits for an answer that nobody gives.
    ///
    /// - Parameters:
    ///   - onEvent: told of every event, in their order.
    ///   - onQuestion: asked what the agent asks; nil leaves it open, and ends the following.
    func run(
        _ order: RunOrder, onEvent: @escaping @Sendable (Event) -> Void,
        onQuestion: @escaping @Sendable (String) -> JSONValue?
    ) async throws -> Execution
    /// Runs a plan or a workflow, and follows it until it ends, or waits for somebody else than the terminal.
    ///
    /// - Parameters:
    ///   - onProgress: told of how far it is, whenever that has changed.
    ///   - onQuestion: asked what the run asks; nil leaves it open, and ends the following.
    func runFlow(
        _ order: FlowRunOrder, onProgress: @escaping @Sendable (FlowProgress) -> Void,
        onQuestion: @escaping @Sendable (String) -> JSONValue?, onApprovals: @escaping @Sendable ([Approval]) -> Void
    ) async throws -> Execution
    /// Brings records of a kind in from a CSV file.
    func importRecords(
        _ order: ImportOrder, progress: @escaping @Sendable (ImportProgress) -> Void
    ) async throws -> ImportReport
    /// Gives an organisation's records of a kind out, newest first, row by row as CSV.
    ///
    /// - Returns: how many they were.
    func exportRecords(
        _ kind: String, organization: String, to write: @escaping @Sendable (String) throws -> Void
    ) async throws -> Int

    /// The API document.
    func openAPIDocument() throws -> JSONValue
    /// The JSON Schema of a kind of file.
    func schema(named name: String) throws -> JSONValue
    /// The kinds of files there are schemas of.
    var schemaNames: [String] { get }

    /// Looks at the set-up.
    func examine() async -> [Finding]
    /// Asks a running server whether it is ready.
    func probe(url: String) async throws -> Bool
}

/// How `spotter up` starts.
public struct UpOptions: Sendable {
    /// 0 picks a free one.
    public let port: Int?
    /// Where to listen.
    public let host: String?
    /// Where the private database lives.
    public let dataDirectory: String?
    /// Called with what is being done, for people.
    public let progress: @Sendable (String) -> Void

    /// Puts the options together.
    public init(port: Int?, host: String?, dataDirectory: String?, progress: @escaping @Sendable (String) -> Void) {
        self.port = port
        self.host = host
        self.dataDirectory = dataDirectory
        self.progress = progress
    }
}

/// How `spotter serve` starts.
public struct ServeOptions: Sendable {
    /// 0 picks a free one.
    public let port: Int?
    /// Where to listen.
    public let host: String?
    /// What the process does, such as `["api", "worker"]`; nil for everything.
    public let roles: [String]?

    /// Puts the options together.
    public init(port: Int?, host: String?, roles: [String]? = nil) {
        self.port = port
        self.host = host
        self.roles = roles
    }
}

/// What a newcomer needs when everything runs.
public struct ReadyReport: Sendable {
    /// Where the server answers.
    public let url: String
    /// The demonstration gym.
    public let organization: Organization
    /// Its token.
    public let token: String
    /// Opens the dashboard and signs in, once.
    public let dashboard: String
    /// Its Support Assistant, and a conversation with it that is already open.
    public let agent: Agent?
    /// A conversation that is already open.
    public let conversation: Conversation?
    /// The private database's socket directory and port; nil for one of the operator's own.
    public let database: (socket: String, port: Int)?

    /// Puts the report together.
    public init(
        url: String, organization: Organization, token: String, dashboard: String, agent: Agent?,
        conversation: Conversation?,
        database: (socket: String, port: Int)?
    ) {
        self.url = url
        self.organization = organization
        self.token = token
        self.dashboard = dashboard
        self.agent = agent
        self.conversation = conversation
        self.database = database
    }
}

/// One migration and whether it is applied.
public struct MigrationReport: Sendable {
    /// Its number.
    public let version: Int
    /// Its name.
    public let name: String
    /// Whether the database has it now.
    public let isApplied: Bool
    /// Whether this call applied it.
    public let isNew: Bool

    /// Puts the report together.
    public init(version: Int, name: String, isApplied: Bool, isNew: Bool) {
        self.version = version
        self.name = name
        self.isApplied = isApplied
        self.isNew = isNew
    }
}

/// What can be said of a token.
public struct TokenInspection: Sendable {
    /// The record behind it, if its signature is ours.
    public let record: TokenRecord?
    /// Why it is refused; nil when it is good.
    public let problem: String?

    /// Puts the inspection together.
    public init(record: TokenRecord?, problem: String?) {
        self.record = record
        self.problem = problem
    }
}

/// One thing `spotter doctor` looked at.
public struct Finding: Sendable {
    /// How it is.
    public enum State: String, Sendable {
        /// As it should be.
        case ok
        /// Works, but.
        case warning
        /// Must be mended.
        case failed
    }

    /// What was looked at.
    public let name: String
    /// How it is.
    public let state: State
    /// What was found, and how to mend it.
    public let detail: String

    /// Puts the finding together.
    public init(_ name: String, _ state: State, _ detail: String) {
        self.name = name
        self.state = state
        self.detail = detail
    }
}

/// How a benchmark runs.
public struct BenchOptions: Sendable {
    /// Connections that send requests.
    public let connections: Int
    /// How long each measurement takes, in seconds.
    public let seconds: Int

    /// Puts the options together.
    public init(connections: Int, seconds: Int) {
        self.connections = connections
        self.seconds = seconds
    }
}

/// One measurement beside its yardstick.
public struct BenchResult: Sendable {
    /// What was measured.
    public let name: String
    /// Requests a second.
    public let rate: Double
    /// pgbench's transactions a second with the same SQL.
    public let baseline: Double
    /// 50th percentile of the time of a request, in milliseconds.
    public let p50: Double
    /// 99th percentile of the time of a request, in milliseconds.
    public let p99: Double
    /// Requests that were not answered as they should be.
    public let errors: Int

    /// Puts the result together.
    public init(name: String, rate: Double, baseline: Double, p50: Double, p99: Double, errors: Int) {
        self.name = name
        self.rate = rate
        self.baseline = baseline
        self.p50 = p50
        self.p99 = p99
        self.errors = errors
    }

    /// `rate` of `baseline`.
    public var ratio: Double { baseline > 0 ? rate / baseline : 0 }
}
