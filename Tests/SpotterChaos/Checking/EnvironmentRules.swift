extension Rule {
    /// Nothing is left behind.
    static let environment: [Rule] = [
        Rule("processes end as they were told") { history in
            history.processes.filter { !$0.isAsTold }.map { "\($0.name) was told \($0.order) and \($0.status)" }
        },
        Rule(ofEach: "the queue is empty") { organization, _ in
            let queue = organization.queue
            let left = [
                "ready": queue.ready, "scheduled": queue.scheduled, "running": queue.running, "waiting": queue.waiting,
                "held": queue.held,
            ].filter { $0.value != 0 }
            return left.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        },
        Rule(ofEach: "dead letters are counted") { organization, _ in
            let dead = organization.executions.count(where: \.isDead)
            return dead == organization.queue.dead
                ? [] : ["\(dead) are dead, the queue says \(organization.queue.dead)"]
        },
        Rule(ofEach: "nobody holds anything") { organization, _ in
            organization.executions.filter(\.isHeld).map { "\($0.id) is held" }
        },
        Rule("nobody is thought alive") { history in
            history.livingWorkers == 0 ? [] : ["\(history.livingWorkers) processes are"]
        },
        Rule("every fault has happened") { $0.missedFaults },
    ]
}

extension ProcessEnd {
    fileprivate var isAsTold: Bool {
        switch order {
        case .none: !wasReady
        case .kill: status == .signalled(9)
        case .crash: status == .signalled(9) || !wasReady
        // One that was stopped while it was starting may have given up on a database that was away.
        case .drain: status == .exited(0) || !wasReady
        }
    }
}
