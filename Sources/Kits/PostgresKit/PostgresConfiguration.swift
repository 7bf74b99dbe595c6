import CLibpq

/// Where the database is, as whom to connect, and how patient to be.
///
/// The password is never part of `description`, of a reflection or of a log line.
public struct PostgresConfiguration: Sendable {
    /// Pipelined connections of each loop, shared by its single statements and batches. Two are enough.
    public var connectionsPerLoop = 2
    /// Connections of each loop that interactive transactions hold alone; opened when first needed.
    public var interactiveConnectionsPerLoop = 4
    /// Requests in flight on one shared connection; what comes on top waits.
    public var pipelineDepth = 64
    /// Requests that may wait on one loop; what comes on top fails at once with `.poolTimeout`.
    public var maximumWaiting = 4_096
    /// How long a request may wait for a connection.
    public var acquireTimeout: Duration = .seconds(5)
    /// How long the server works on one statement before it gives up (SQLSTATE 57014).
    public var statementTimeout: Duration = .seconds(30)
    /// How long the server lets an interactive transaction sit between statements before it ends the session.
    public var idleInTransactionTimeout: Duration = .seconds(60)
    /// How long one attempt to connect may take; whole seconds, at least 2.
    public var connectTimeout: Duration = .seconds(5)
    /// How long sent bytes may stay unacknowledged (TCP) before the peer counts as dead.
    public var peerTimeout: Duration = .seconds(15)
    /// What the server shows in `pg_stat_activity`.
    public var applicationName = "spotter"
    /// The setting that holds the organisation of the running transaction.
    public var scopeSetting: String = "app.organization"
    /// Whether statements are prepared once a connection.
    ///
    /// Off for a pooler that gives each transaction any session (PgBouncer's transaction mode): then nothing is kept in
    /// a session. Statements go unprepared, the time limits come with each transaction, and nobody can listen. Nor are
    /// transactions pipelined: PgBouncer 1.18 takes the session away between two of them even when half of the second
    /// has gone through. In place of that there are more connections, which cost little there.
    public var preparesStatements = true

    /// Requests in flight on one shared connection, as far as what is on the other side allows.
    var effectiveDepth: Int { preparesStatements ? pipelineDepth : 1 }
    /// Shared connections of each loop, likewise.
    var effectiveConnections: Int { max(1, preparesStatements ? connectionsPerLoop : max(connectionsPerLoop, 16)) }

    private var parameters: [String: String]
    private var secret: Secret

    /// - Parameter url: `postgres://user:password@host:port/database?parameter=value…` with libpq's parameters; a
    ///   folder of a unix socket is given as `?host=/path`.
    /// - Throws: `PostgresError` `.invalidConfiguration`, which never quotes the URL.
    public init(url: String) throws {
        guard url.hasPrefix("postgres://") || url.hasPrefix("postgresql://") else {
            throw PostgresError(
                .invalidConfiguration, "the database URL must begin with postgres:// or postgresql://")
        }
        // libpq's message may quote the password, so it is not passed on.
        guard !url.utf8.contains(0), let options = PQconninfoParse(url, nil) else {
            throw PostgresError(
                .invalidConfiguration,
                "the database URL is malformed; write postgres://user:password@host:port/database, with "
                    + "percent-encoding for special characters and libpq's parameters after the question mark")
        }
        defer { PQconninfoFree(options) }
        parameters = [:]
        secret = Secret(value: nil)
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val {
                set(String(cString: keyword), String(cString: value))
            }
            option += 1
        }
    }

    private mutating func set(_ keyword: String, _ value: String) {
        if keyword == "password" { secret = Secret(value: value) } else { parameters[keyword] = value }
    }

    /// The name of the database, if the URL has one.
    public var database: String? { parameters["dbname"] }
    /// The role to connect as, if the URL has one.
    public var user: String? { parameters["user"] }
    /// The host or the folder of the unix socket, if the URL has one.
    public var host: String? { parameters["host"] }
    /// The port, if the URL has one.
    public var port: Int? { parameters["port"].flatMap { Int($0) } }

    /// The same server, for another role or database; what is nil stays.
    ///
    /// A change of the user drops the password, unless a new one is given.
    public func replacing(user: String? = nil, password: String? = nil, database: String? = nil) -> Self {
        var copy = self
        if let user {
            copy.parameters["user"] = user
            copy.secret = Secret(value: nil)
        }
        if let password { copy.secret = Secret(value: password) }
        if let database { copy.parameters["dbname"] = database }
        return copy
    }

    /// Everything that libpq is told when it connects.
    func connectionParameters(sessionSettings: Bool = true) -> [(keyword: String, value: String)] {
        var all: [String: String] = [
            "application_name": applicationName,
            "client_encoding": "UTF8",
            "connect_timeout": String(max(2, connectTimeout.components.seconds)),
            "keepalives": "1",
            "keepalives_idle": "10",
            "keepalives_interval": "5",
            "keepalives_count": "3",
            "tcp_user_timeout": String(peerTimeout.wholeMilliseconds),
        ]
        all.merge(parameters) { _, fromURL in fromURL }
        // A pooler refuses to pass settings of a session on.
        if sessionSettings, preparesStatements {
            // client_connection_check_interval: the server stops working for a client that has gone away.
            let settings = [
                "-c statement_timeout=\(statementTimeout.wholeMilliseconds)",
                "-c idle_in_transaction_session_timeout=\(idleInTransactionTimeout.wholeMilliseconds)",
                "-c client_connection_check_interval=1000",
            ]
            all["options"] = (settings + [parameters["options"]].compactMap { $0 }).joined(separator: " ")
        }
        if let password = secret.value { all["password"] = password }
        return all.sorted { $0.key < $1.key }.map { (keyword: $0.key, value: $0.value) }
    }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// Role, host, port and database; never the password.
    public var description: String {
        "\(user ?? "?")@\(host ?? "?"):\(parameters["port"] ?? "5432")/\(database ?? "?")"
    }

    /// The same as `description`.
    public var debugDescription: String { description }
}

/// A value that no print, reflection or dump shows.
private struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String?
    var description: String { value == nil ? "none" : "[redacted]" }
    var debugDescription: String { description }
    var customMirror: Mirror { Mirror(self, children: []) }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
