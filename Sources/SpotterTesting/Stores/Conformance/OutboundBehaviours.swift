import Foundation
public import SpotterDomain

extension StoreConformance {
    static let outbound: [StoreBehaviour] = [
        StoreBehaviour("a hook that sends comes back as it was written, and begins at the end of the log") { stores in
            let gym = try await TestOrganization.make(in: stores)
            try await gym.tell("custom.old")
            let hook = try await gym.sender("Out", ordered: true)
            try requireEqual(try await stores.hooks.hook(hook.id, in: gym.scope), hook)
            try requireEqual(hook.settings.direction, .outbound)
            let end = try await stores.events.lastPosition(in: gym.scope)
            let endpoint = try await stores.outbound.endpoint(of: hook.id, in: gym.scope)
            try requireEqual(endpoint, HookEndpoint(isActive: true, position: end))
            try requireEqual(try await stores.outbound.feeds(limit: 5, in: gym.scope), [])
            try await gym.tell("custom.new")
            let feed = try unwrap(try await stores.outbound.feeds(limit: 5, in: gym.scope).first)
            try requireEqual(feed.hook, hook.id)
            try requireEqual(feed.position, end)
            try require(try await stores.outbound.organizationsWithNews().contains(gym.scope.organization))
        },
        StoreBehaviour("of an event there is one delivery of a hook, however many look at once") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out")
            let events = try await gym.tell("custom.a", "custom.b")
            let start = try await stores.outbound.endpoint(of: hook.id, in: gym.scope).position
            let moved = try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        var pass = OutboundPass(hook.id, from: start)
                        pass.position = events[1].position
                        pass.deliveries = events.map { gym.sending($0, by: hook) }
                        return try await stores.outbound.advance(pass, in: gym.scope)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            try requireEqual(moved.filter { $0 }.count, 1)
            let log = try await stores.outbound.deliveries(of: hook.id, PageRequest(), in: gym.scope).items
            try requireEqual(Set(log.map(\.position)), Set(events.map(\.position)))
            try requireEqual(log.count, 2)
            try requireEqual(try await stores.outbound.feeds(limit: 5, in: gym.scope), [])
            // Also by a wish to repeat, which leaves those alone that wait.
            let again = events.map { gym.sending($0, by: hook) }
            try requireEqual(try await stores.outbound.queue(again, of: hook.id, in: gym.scope), 0)
            try requireEqual(try await stores.outbound.endpoint(of: hook.id, in: gym.scope).pending, 2)
        },
        StoreBehaviour("a hook that is disabled sends nothing, and what waited is cancelled; enabled it begins anew") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            var hook = try await gym.sender("Out")
            let event = try unwrap(try await gym.tell("custom.a").first)
            _ = try await stores.outbound.queue([gym.sending(event, by: hook)], of: hook.id, in: gym.scope)
            (hook.version, hook.settings.enabled) = (2, false)
            try await stores.hooks.update(hook, in: gym.scope)
            let log = try await stores.outbound.deliveries(of: hook.id, PageRequest(), in: gym.scope).items
            try requireEqual(log.map(\.state), [.cancelled])
            try requireEqual(log[0].reason, "The hook was disabled.")
            let id = hook.id
            try await requireError(.conflict) {
                _ = try await stores.outbound.queue([gym.sending(event, by: hook)], of: id, in: gym.scope)
            }
            try await requireError(.conflict) {
                _ = try await stores.outbound.requeue(log[0].id, of: id, receipt: nil, in: gym.scope)
            }
            try await gym.tell("custom.b")
            try requireEqual(try await stores.outbound.feeds(limit: 5, in: gym.scope), [])
            (hook.version, hook.settings.enabled) = (3, true)
            try await stores.hooks.update(hook, in: gym.scope)
            try requireEqual(try await stores.outbound.feeds(limit: 5, in: gym.scope), [])
            let again = try await stores.outbound.requeue(log[0].id, of: id, receipt: nil, in: gym.scope)
            try requireEqual([again.state.rawValue, "\(again.attempt)"], ["pending", "0"])
        },
        StoreBehaviour("the place in the log before a time is found") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let base = try await stores.events.lastPosition(in: gym.scope)
            for second in 0..<9 {
                let now = TestOrganization.start + 1_000 + Double(second)
                _ = try await stores.events.append(
                    [EventDraft(publishing: "custom.a", data: [:])], at: now, receipt: nil, in: gym.scope)
            }
            for second in 0...9 {
                let time = TestOrganization.start + 1_000 + Double(second) - 0.5
                try requireEqual(
                    try await stores.outbound.position(before: time, in: gym.scope), base + Int64(second))
            }
        },
        StoreBehaviour("deliveries that have ended are forgotten, and those that wait are not") { stores in
            let gym = try await TestOrganization.make(in: stores)
            var hook = try await gym.sender("Out")
            let event = try unwrap(try await gym.tell("custom.a").first)
            _ = try await stores.outbound.queue([gym.sending(event, by: hook)], of: hook.id, in: gym.scope)
            let later = Date(timeIntervalSinceNow: 1_000_000_000)
            try requireEqual(try await stores.outbound.forget(before: later, limit: 5, in: gym.scope), 0)
            (hook.version, hook.settings.enabled) = (2, false)
            try await stores.hooks.update(hook, in: gym.scope)
            let earlier = Date(timeIntervalSince1970: 0)
            try requireEqual(try await stores.outbound.forget(before: earlier, limit: 5, in: gym.scope), 0)
            try requireEqual(try await stores.outbound.forget(before: later, limit: 5, in: gym.scope), 1)
        },
        StoreBehaviour("another organisation's deliveries do not exist, nor do those of a hook that takes messages") {
            stores in
            let (mine, theirs) = (
                try await TestOrganization.make(in: stores), try await TestOrganization.make(in: stores)
            )
            let hook = try await mine.sender("Out")
            let event = try unwrap(try await mine.tell("custom.a").first)
            let draft = mine.sending(event, by: hook)
            _ = try await stores.outbound.queue([draft], of: hook.id, in: mine.scope)
            for (scope, id) in [(theirs.scope, hook.id), (mine.scope, try await mine.hook(named: "In").id)] {
                try await requireError(.notFound) { _ = try await stores.outbound.endpoint(of: id, in: scope) }
                try await requireError(.notFound) {
                    _ = try await stores.outbound.deliveries(of: id, PageRequest(), in: scope)
                }
                try await requireError(.notFound) {
                    _ = try await stores.outbound.delivery(draft.id, of: id, in: scope)
                }
                try await requireError(.notFound) {
                    _ = try await stores.outbound.requeue(draft.id, of: id, receipt: nil, in: scope)
                }
                try await requireError(.notFound) { _ = try await stores.outbound.queue([], of: id, in: scope) }
            }
            try requireEqual(
                try await stores.outbound.delivery(draft.id, of: hook.id, in: mine.scope).eventType, "custom.a")
        },
    ]

    /// Each needs stores that nobody else uses: whoever claims takes of all organisations.
    static let hookCouriers: [StoreBehaviour] = [
        StoreBehaviour("of a target a few are under way at a time, of all targets some, and nobody gets one twice") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let other = try await TestOrganization.make(in: stores)
            let (one, two, three) = (
                try await gym.sender("One"), try await gym.sender("Two"), try await other.sender("Three")
            )
            let events = try await gym.tell((0..<12).map { "custom.e\($0)" })
            let theirs = try await other.tell("custom.a")
            _ = try await stores.outbound.queue(events.map { gym.sending($0, by: one) }, of: one.id, in: gym.scope)
            _ = try await stores.outbound.queue(
                events.prefix(2).map { gym.sending($0, by: two) }, of: two.id, in: gym.scope)
            _ = try await stores.outbound.queue(
                theirs.map { other.sending($0, by: three) }, of: three.id, in: other.scope)
            let claims = try await stores.outbound.claim(.usual)
            try requireEqual(claims.count { $0.hook == one.id }, OutboundLimits.mostAtOnce)
            try requireEqual(claims.count { $0.hook == two.id }, 2)
            try requireEqual(claims.count { $0.hook == three.id }, 1)
            try requireEqual(Set(claims.map(\.id)).count, claims.count)
            try require(claims.allSatisfy { $0.attempt == 1 && !$0.isFailing })
            try requireEqual(try await stores.outbound.claim(.usual), [])
            let first = try unwrap(claims.first { $0.hook == one.id })
            try requireEqual(try await gym.report(OutboundOutcome(.delivered), of: first), nil)
            let next = try await stores.outbound.claim(.usual)
            try requireEqual(next.map(\.hook), [one.id])
            try require(!claims.map(\.id).contains(next[0].id))
        },
        StoreBehaviour("what is claimed by many at once is claimed by one, and never more than may be under way") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out")
            let events = try await gym.tell((0..<12).map { "custom.e\($0)" })
            _ = try await stores.outbound.queue(events.map { gym.sending($0, by: hook) }, of: hook.id, in: gym.scope)
            let claims = try await withThrowingTaskGroup(of: [OutboundClaim].self) { group in
                for _ in 0..<20 { group.addTask { try await stores.outbound.claim(.usual) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            try requireEqual(claims.count, OutboundLimits.mostAtOnce)
            try requireEqual(Set(claims.map(\.id)).count, claims.count)
        },
        StoreBehaviour("a target that fails has one under way, and is left alone while it asks for it") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out")
            let events = try await gym.tell((0..<6).map { "custom.e\($0)" })
            _ = try await stores.outbound.queue(events.map { gym.sending($0, by: hook) }, of: hook.id, in: gym.scope)
            let claims = try await stores.outbound.claim(.usual)
            for claim in claims { _ = try await gym.report(.failure(.zero), of: claim) }
            try require(try await stores.outbound.endpoint(of: hook.id, in: gym.scope).failingSince != nil)
            let next = try await stores.outbound.claim(.usual)
            try requireEqual(next.map(\.isFailing), [true])
            try requireEqual(try await stores.outbound.claim(.usual), [])
            var busy = OutboundOutcome.failure(.zero)
            busy.pause = .seconds(600)
            _ = try await gym.report(busy, of: next[0])
            try requireEqual(try await stores.outbound.claim(.usual), [])
            try require(try await stores.outbound.endpoint(of: hook.id, in: gym.scope).pausedUntil != nil)
        },
        StoreBehaviour("none for targets that fail means none, and one that is well again has all its places") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out")
            let events = try await gym.tell((0..<6).map { "custom.e\($0)" })
            _ = try await stores.outbound.queue(events.map { gym.sending($0, by: hook) }, of: hook.id, in: gym.scope)
            let claims = try await stores.outbound.claim(.usual)
            for claim in claims { _ = try await gym.report(.failure(.zero), of: claim) }
            let none = OutboundWish(limit: 8, failing: 0, lease: .seconds(60))
            try requireEqual(try await stores.outbound.claim(none), [])
            let one = try unwrap(try await stores.outbound.claim(.usual).first)
            _ = try await gym.report(OutboundOutcome(.delivered), of: one)
            try require(try await stores.outbound.endpoint(of: hook.id, in: gym.scope).failingSince == nil)
            try requireEqual(try await stores.outbound.claim(.usual).count, OutboundLimits.mostAtOnce)
        },
        StoreBehaviour("what became of a delivery is written under its claim alone, and what was lost is due again") {
            stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out")
            let event = try unwrap(try await gym.tell("custom.a").first)
            let draft = gym.sending(event, by: hook)
            _ = try await stores.outbound.queue([draft], of: hook.id, in: gym.scope)
            func now() async throws -> OutboundDelivery {
                try await stores.outbound.delivery(draft.id, of: hook.id, in: gym.scope)
            }
            let lost = try unwrap(
                try await stores.outbound.claim(OutboundWish(limit: 1, failing: 1, lease: .seconds(-1))).first)
            let late = try unwrap(try await stores.outbound.claim(.usual).first)
            try requireEqual([lost.attempt, late.attempt], [1, 2])
            try await requireThrows(LeaseLost.self) {
                _ = try await gym.report(OutboundOutcome(.delivered), of: lost)
            }
            _ = try await gym.report(OutboundOutcome(.handedBack(after: .zero), reason: "Later."), of: late)
            try requireEqual(try await now().attempt, 1)
            let parcel = try unwrap(try await stores.outbound.parcel(for: late))
            try requireEqual(parcel.body, HookMessageBody.bytes(of: event))
            try requireEqual(parcel.hook, hook)
            let next = try unwrap(try await stores.outbound.claim(.usual).first)
            _ = try await gym.report(.failure(.zero), of: next)
            let failed = try await now()
            try requireEqual(failed.attempts, [.sample])
            try requireEqual(failed.state, .pending)
            let last = try unwrap(try await stores.outbound.claim(.usual).first)
            _ = try await gym.report(OutboundOutcome(.delivered, attempt: .sample), of: last)
            try await requireThrows(LeaseLost.self) {
                _ = try await gym.report(.failure(.zero), of: last)
            }
            let done = try await now()
            try requireEqual(done.state, .delivered)
            try requireEqual(done.attempts.count, 2)
            try require(done.endedAt != nil && done.reason == nil)
            try requireEqual(try await stores.outbound.claim(.usual), [])
            let again = try await stores.outbound.requeue(done.id, of: hook.id, receipt: nil, in: gym.scope)
            try requireEqual(again.id, done.id)
            try requireEqual(try await stores.outbound.claim(.usual).map(\.attempt), [1])
        },
        StoreBehaviour("deliveries of one resource go one after another, and those of others do not wait") { stores in
            let gym = try await TestOrganization.make(in: stores)
            let hook = try await gym.sender("Out", ordered: true)
            let runs: [ExecutionID] = [gym.id(), gym.id()]
            var events: [Event] = []
            for run in [runs[0], runs[0], runs[1], runs[0]] {
                events += try await stores.events.append(
                    [EventDraft(publishing: "custom.a", execution: run, data: [:])], at: TestOrganization.start,
                    receipt: nil, in: gym.scope)
            }
            _ = try await stores.outbound.queue(events.map { gym.sending($0, by: hook) }, of: hook.id, in: gym.scope)
            func places(_ claims: [OutboundClaim]) async throws -> Set<Int64> {
                var places: Set<Int64> = []
                for claim in claims {
                    let delivery = try await stores.outbound.delivery(claim.id, of: hook.id, in: gym.scope)
                    places.insert(delivery.position ?? 0)
                }
                return places
            }
            let first = try await stores.outbound.claim(.usual)
            try requireEqual(try await places(first), [events[0].position, events[2].position])
            let head = try await stores.outbound.delivery(first[0].id, of: hook.id, in: gym.scope)
            let mine = head.position == events[0].position ? first[0] : first[1]
            _ = try await gym.report(OutboundOutcome(.delivered), of: mine)
            let second = try await stores.outbound.claim(.usual)
            try requireEqual(try await places(second), [events[1].position])
            _ = try await gym.report(OutboundOutcome(.delivered), of: second[0])
            try requireEqual(try await places(stores.outbound.claim(.usual)), [events[3].position])
        },
        StoreBehaviour("a target that is gone, or that fails for too long, is disabled with an event, once") { stores in
            for isGone in [true, false] {
                let gym = try await TestOrganization.make(in: stores)
                let hook = try await gym.sender("Out")
                let events = try await gym.tell("custom.a", "custom.b", "custom.c")
                _ = try await stores.outbound.queue(
                    events.map { gym.sending($0, by: hook) }, of: hook.id, in: gym.scope)
                let claims = try await stores.outbound.claim(.usual)
                try requireEqual(claims.count, 3)
                var outcome = OutboundOutcome.failure(.seconds(60))
                outcome.isGone = isGone
                let reason = try await stores.outbound.record(
                    outcome, of: claims[0], failureLimit: isGone ? .seconds(1_000) : .zero, at: TestOrganization.start)
                try require(reason != nil)
                try await requireThrows(LeaseLost.self) {
                    _ = try await gym.report(OutboundOutcome(.delivered), of: claims[1])
                }
                let endpoint = try await stores.outbound.endpoint(of: hook.id, in: gym.scope)
                try requireEqual(endpoint.isActive, false)
                try requireEqual(endpoint.disabledReason, reason)
                try requireEqual(endpoint.pending, 0)
                let changed = try await stores.hooks.hook(hook.id, in: gym.scope)
                try requireEqual(changed.settings.enabled, false)
                try requireEqual(changed.settings.target, hook.settings.target)
                try requireEqual(changed.version, 2)
                let told = try await stores.events.events(after: 0, execution: nil, limit: 100, in: gym.scope)
                let disabled = told.filter { $0.type == EventType.hookDisabled.rawValue }
                try requireEqual(disabled.map { $0.data["hook_id"] }, [.string(hook.id.description)])
                try requireEqual(try await stores.outbound.claim(.usual), [])
                try await stores.hooks.delete(hook.id, version: nil, in: gym.scope)
            }
        },
    ]
}

extension OutboundWish {
    fileprivate static let usual = OutboundWish(limit: 32, failing: 16, lease: .seconds(60))
}

extension HookAttempt {
    fileprivate static let sample = HookAttempt(
        at: TestOrganization.start, durationMs: 12, status: 500, answer: "<p>\u{1F600}",
        error: "The target answered 500.")
}

extension OutboundOutcome {
    fileprivate static func failure(_ wait: Duration) -> OutboundOutcome {
        OutboundOutcome(.again(after: wait), reason: "The target answered 500.", attempt: .sample)
    }
}

extension TestOrganization {
    /// A hook that sends the caller's own events.
    @discardableResult
    public func sender(
        _ name: String, url: String = "https://example.com/hook", events: [String] = ["custom.*"], ordered: Bool = false
    ) async throws -> Hook {
        let target = HookTarget(url: url, events: events, ordered: ordered ? true : nil)
        let hook = Hook(
            id: id(), version: 1, settings: HookSettings(name: name, target: target), createdAt: Self.start,
            updatedAt: Self.start)
        try await stores.hooks.create(hook, receipt: nil, in: scope)
        return hook
    }

    /// Publishes events of these types.
    @discardableResult
    public func tell(_ types: String...) async throws -> [Event] { try await tell(types) }

    /// Publishes events of these types.
    @discardableResult
    public func tell(_ types: [String]) async throws -> [Event] {
        try await stores.events.append(
            types.map { try EventDraft(publishing: $0, data: ["name": .string($0)]) }, at: Self.start, receipt: nil,
            in: scope)
    }

    /// A delivery that is not stored yet.
    public func sending(_ event: Event, by hook: Hook) -> OutboundDelivery {
        OutboundDelivery(
            id: id(), hookId: hook.id, position: event.position, eventType: event.type,
            resource: hook.settings.target?.resource(of: event), dueAt: Self.start, createdAt: Self.start)
    }

    fileprivate func report(_ outcome: OutboundOutcome, of claim: OutboundClaim) async throws -> String? {
        try await stores.outbound.record(
            outcome, of: claim, failureLimit: OutboundLimits.failureLimit, at: Self.start)
    }
}
