import PostgresKit

/// What forgetting a person does to one table.
///
/// Every table of the schema is either here or in `harmless`; a test reads the catalog and fails on any that is in
/// neither. The statements read whom they are about from the transaction's settings: see the migration.
struct PrivacyPart: Sendable {
    let table: String
    /// The columns in which people, models and other systems may have named him.
    let columns: [String]
    /// Rows about him, or that name him, as JSON.
    let find: StaticString
    /// Takes him out; in order.
    let erase: [StaticString]

    init(_ table: String, columns: [String], find: StaticString, erase: [StaticString]) {
        self.table = table
        self.columns = columns
        self.find = find
        self.erase = erase
    }

    /// All parts, in the order in which they are erased: what is found by his records before these, and indexes of texts
    /// before the texts.
    static let all: [PrivacyPart] = talk + work + records

    /// Tables without a word about members, and why.
    static let harmless: [String: String] = [
        "schema_migrations": "the schema's own", "workers": "processes", "model_pricing": "prices", "markups": "prices",
        "organizations": "the gym itself", "queues": "figures", "schedulers": "a switch", "schedule_fires": "times",
        "task_dependencies": "ids", "event_logs": "a counter", "ledger_closings": "sums", "reservations": "figures",
        "agent_figures": "figures", "classes": "programmes", "class_sessions": "programmes and who teaches",
        "plans": "what can be subscribed to", "staff": "employees, who have another relation to the gym",
        "secrets": "sealed, and of services", "audit_entries": "ids and names of fields, never contents",
        "rate_limits": "figures", "alerts": "rules about figures", "alert_incidents": "figures",
        "metric_series": "figures", "metric_minutes": "figures", "hook_endpoints": "how targets do",
        "crm_workflows": "names of procedures", "workflow_actions": "ids", "connectors": "how far a run is, by ids",
        "audit_chains": "hashes", "audit_seals": "hashes", "audit_checkpoints": "hashes",
    ]
}
