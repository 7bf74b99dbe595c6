import PostgresKit
import SpotterDomain

/// The one place where a failure of the database becomes the domain's.
enum StoreFailure {
    /// What the migrations' `app.require` raises.
    private enum Raised {
        static let leaseLost = "SP001"
        static let somebodyWaits = "SP002"
        static let floorTaken = "SP003"
        static let floorFree = "SP004"
        static let heldUp = "SP005"
        static let notLast = "SP006"
        static let notFound = "SP404"
        static let agentLimit = "SP409"
        static let workflowLimit = "SP410"
        static let triggerLimit = "SP411"
        static let hookLimit = "SP412"
        static let alertLimit = "SP414"
        static let lineFull = "SP429"
    }

    static func translate(_ error: any Error) -> any Error {
        guard let error = error as? PostgresError else { return error }
        switch error.kind {
        case .server: return translate(server: error)
        case .unavailable, .poolTimeout, .closed:
            return SpotterError(
                .unavailable, "The database cannot be reached now; try again in a moment.", cause: error,
                retryAfter: 1)
        case .outcomeUnknown:
            return SpotterError(
                .unavailable,
                "The connection to the database broke before it told the outcome; a request with an Idempotency-Key "
                    + "may safely be sent again.", cause: error, retryAfter: 1)
        case .invalidValue:
            return SpotterError(
                .invalid, "The request holds a value that cannot be stored, such as a NUL character.", cause: error)
        default: return SpotterError(.internal, "Something went wrong in the database.", cause: error)
        }
    }

    /// A row that this program cannot read.
    static func unreadable(_ error: any Error) -> any Error {
        SpotterError(.internal, "Something stored cannot be read.", cause: error)
    }

    private static func translate(server error: PostgresError) -> any Error {
        let state = error.sqlState ?? ""
        switch state {
        case Raised.leaseLost: return LeaseLost()
        case Raised.somebodyWaits: return DependencyJudge.SomebodyWaits()
        case Raised.floorTaken: return TurnSQL.FloorTaken()
        case Raised.floorFree: return TurnSQL.FloorFree()
        case Raised.heldUp: return SpotterError.heldUp(error.message)
        case Raised.notLast: return TurnLine.isNotLast
        case Raised.lineFull: return TurnLine.isFull
        // The message is a noun that the statement itself gave.
        case Raised.notFound: return SpotterError.notFound(error.message)
        case Raised.agentLimit: return SpotterError.tooManyAgents(limit: Int(error.message) ?? 0)
        case Raised.workflowLimit: return WorkflowLimits.tooMany
        case Raised.triggerLimit: return TriggerLimits.tooMany
        case Raised.hookLimit: return HookLimits.tooMany
        case Raised.alertLimit: return AlertLimits.tooMany
        case "23505": return translate(unique: error)
        case "23503": return SpotterError.notFound(noun(ofForeignKey: error.constraint ?? ""))
        // A NUL in a jsonb document.
        case "22P05", "22021":
            return SpotterError(.invalid, "The request holds a character that cannot be stored.", cause: error)
        case "22003":
            return SpotterError(.invalid, "The request holds a number that is out of range.", cause: error)
        case "57014":
            return SpotterError(.timedOut, "The database took too long to answer.", cause: error, retryAfter: 1)
        default: break
        }
        // 40 and 55: lost against another transaction. 53: out of memory, disk or connections. 57: shutting down.
        if ["40", "53", "55", "57"].contains(where: state.hasPrefix) {
            return SpotterError(
                .unavailable, "The database is too busy now; try again in a moment.", cause: error, retryAfter: 1)
        }
        return SpotterError(.internal, "Something went wrong in the database.", cause: error)
    }

    private static func translate(unique error: PostgresError) -> any Error {
        switch error.constraint {
        case "receipts_pkey": ReceiptExists()
        case "agents_name_key":
            SpotterError(
                .conflict, "Another agent of this organisation has this name.",
                issues: [FieldIssue(pointer: "/name", message: "is the name of another agent")], cause: error)
        case "workflows_name_key": WorkflowLimits.nameIsTaken
        case "hook_deliveries_delivery_key": PostgresHookStore.DeliveryExists()
        case "hooks_name_key": HookLimits.nameIsTaken
        case "message_templates_name_key": MessageTemplateFields.nameIsTaken
        case "alerts_name_key": AlertLimits.nameIsTaken
        case "organizations_slug_key":
            SpotterError(
                .conflict, "Another organisation has this slug.",
                issues: [FieldIssue(pointer: "/slug", message: "is taken")], cause: error)
        default: SpotterError(.conflict, "There is already such a record.", cause: error)
        }
    }

    /// What a foreign key refers to, by PostgreSQL's own naming of constraints: the columns in order.
    private static func noun(ofForeignKey constraint: String) -> String {
        let nouns = [
            ("corrects", "ledger line"), ("depends_on", "task"), ("task_id", "task"),
            ("agent_version", "agent version"), ("agent_id", "agent"),
            ("conversation_id", "conversation"), ("workflow_id", "workflow"), ("hook_id", "hook"),
            ("execution_id", "execution"), ("session_id", "class session"), ("class_id", "class"),
            ("client_id", "client"), ("lead_id", "lead"), ("staff_id", "staff member"),
            ("assigned_to", "staff member"), ("subscription_id", "subscription"), ("payment_id", "payment"),
            ("booking_id", "booking"), ("plan_id", "membership plan"), ("campaign_id", "campaign"),
        ]
        return nouns.first { constraint.contains($0.0) }?.1 ?? "organization"
    }
}

extension SpotterError {
    /// The version that was named is not the current one.
    static func stale(_ noun: String) -> SpotterError {
        SpotterError(.preconditionFailed, "The \(noun) has been changed since this version was read.")
    }
}
