/// All that a run of the chaos test saw, from outside and afterwards from within: what the rules judge.
struct History: Sendable {
    var organizations: [OrganizationHistory] = []
    var effects: [Effect] = []
    var processes: [ProcessEnd] = []
    /// What was found where it did not belong: another organisation's row in an answer.
    var sightings: [String] = []
    /// Requests that were never acknowledged, though everything had long been well again.
    var unanswered: [String] = []
    /// How often a poisonous piece of work took a process with it.
    var poisonings: [String: Int] = [:]
    /// Processes that the database thinks alive when all have ended.
    var livingWorkers = 0
    /// Faults that were to happen and did not.
    var missedFaults: [String] = []
}

/// One organisation: what it was promised, and what its tables hold.
struct OrganizationHistory: Sendable {
    var name: String
    var accepted: [Accepted] = []
    var executions: [ExecutionEntry] = []
    var steps: [StepEntry] = []
    var events: [EventEntry] = []
    /// By conversation: what was said by people, and what was answered.
    var messages: [String: (asked: Int, answered: Int)] = [:]
    var queue = QueueEntry()
}

/// Work that the API has acknowledged.
struct Accepted: Sendable {
    enum Door: Sendable, Hashable {
        case task(String)
        case conversation(String)
        /// An execution that was put into the queue as it is.
        case queue(String)
    }

    let script: Script
    let door: Door
    /// Nil where the answer named none: a turn that failed.
    var execution: String?
    /// The executions that repetitions of the same request were answered with.
    var repeated: [String] = []
    var wasCancelled = false
    /// The execution on whose end it waits.
    var dependsOn: String?
    /// What was answered, and acknowledged, by step: one answer, if all is well.
    var answers: [String: [String]] = [:]
    /// The steps that a person decided on.
    var reviewed: Set<String> = []
    /// How many approvals were acknowledged, by what was asked: one, if all is well.
    var approved: [String: Int] = [:]
}

/// A row of executions.
struct ExecutionEntry: Sendable {
    let id: String
    var door: Accepted.Door?
    /// Who began it and awaits it.
    var parent: String?
    var state = "completed"
    var errorCode: String?
    var isDead = false
    var isHeld = false
    var crashes = 0
    var attempt = 1

    static let ends: Set<String> = ["completed", "failed", "cancelled"]
    var hasEnded: Bool { Self.ends.contains(state) }
}

/// A row of steps.
struct StepEntry: Sendable {
    let id: String
    let execution: String
    let index: Int
    var name: String
    var kind = "tool"
    var state = "completed"
    var call: String?
    /// What the call would change outside.
    var effect: EffectStep?
    /// What a person answered.
    var answer: String?
}

/// A row of events.
struct EventEntry: Sendable {
    let position: Int
    let type: String
    var execution: String?
}

/// The figures of a queue when all is done.
struct QueueEntry: Sendable {
    var ready = 0
    var scheduled = 0
    var running = 0
    var waiting = 0
    var held = 0
    var dead = 0
}

/// A change outside under one key, with the number of times it was delivered.
struct Effect: Sendable, Hashable {
    let step: EffectStep
    let key: String
    var deliveries = 1
    /// Whether nobody outside would know a second delivery as the same.
    var mustNotRepeat = false
    /// Whether its sender died before there was an answer.
    var wasAmbushed = false
}

/// How a process of the system came to its end.
struct ProcessEnd: Sendable {
    /// What it had been told.
    enum Order: Sendable, Hashable {
        case none, kill, drain
        /// To die where it comes by this point.
        case crash(at: String)
    }

    enum Status: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    let name: String
    var order = Order.none
    var status: Status
    /// Whether it had begun to work; one that starts while the database is away may give up.
    var wasReady = true
}
