import Foundation
public import ServiceKit
public import SpotterDomain
import Synchronization

/// Writes to people who may decide on something: each gets a letter with a link that decides once.
///
/// What: of an approval that waits, everybody among its approvers who has a good token whose subject is an e-mail address
/// gets a letter, by the outbox: when it is asked, when they are reminded, and those who are asked because nobody has
/// decided. Only where the organisation has a way out for e-mail.
/// When: as soon as this process hears of it; beside that every ten seconds it looks at the newest that wait, and at all
/// of them at the start and every five minutes.
/// Promises: a letter stands in the outbox once for each turn and address, whichever processes write it and whenever they
/// die. Its link is made when the courier hands it over, and kept nowhere.
public final class ApprovalPostman: Service {
    /// How often it looks where nothing is heard.
    public struct Options: Sendable {
        /// Between two looks at the newest.
        public var interval: Duration
        /// Every so many looks are at all of them.
        public var looksPerRound: Int

        /// By default ten seconds, and all of them every five minutes.
        public init(interval: Duration = .seconds(10), looksPerRound: Int = 30) {
            self.interval = interval
            self.looksPerRound = looksPerRound
        }
    }

    /// The name in logs.
    public let serviceName = "approval-mail"
    private let approvals: any ApprovalStore
    private let tokens: any TokenStore
    private let outbox: any OutboxStore
    private let organizations: any OrganizationStore
    private let directory: any MessagingDirectory
    private let links: any ApprovalLinkSigner
    /// Where people reach this server, without a slash at its end; nil writes to nobody.
    private let publicURL: String?
    private let isAddress: @Sendable (String) -> Bool
    private let options: Options
    private let clock: any WallClock
    private let ids: any IDGenerator
    private let log: Log
    private let bell = Bell()
    private let isStopping = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        /// What was heard of and not looked at.
        var heard: [OrganizationID: Set<ApprovalID>] = [:]
        /// Letters that are in the outbox for sure, so that they are not put in again at every look.
        var written: Set<String> = []
        var looks = 0
    }

    /// The longest a link is good; a reminder brings another.
    public static let linkLifetime: Double = 7 * 86_400
    /// The most people that one approval is written to.
    public static let mostReaders = 100
    private static let memory = 20_000

    /// - Parameters:
    ///   - publicURL: where people reach this server; nil writes to nobody.
    ///   - isAddress: whether a text is an e-mail address alone.
    public init(
        approvals: any ApprovalStore, tokens: any TokenStore, outbox: any OutboxStore,
        organizations: any OrganizationStore, directory: any MessagingDirectory, links: any ApprovalLinkSigner,
        publicURL: String?, isAddress: @escaping @Sendable (String) -> Bool, options: Options = Options(),
        clock: any WallClock, ids: any IDGenerator, log: Log
    ) {
        self.approvals = approvals
        self.tokens = tokens
        self.outbox = outbox
        self.organizations = organizations
        self.directory = directory
        self.links = links
        self.publicURL = publicURL
        self.isAddress = isAddress
        self.options = options
        self.clock = clock
        self.ids = ids
        self.log = log
    }

    /// Works until `shutDown()`.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [bell, options] in
                while (try? await Task.sleep(for: options.interval * Double.random(in: 0.8...1.2))) != nil {
                    bell.ring()
                }
            }
            bell.ring()
            for await _ in bell.rings {
                if isStopping.load(ordering: .relaxed) { break }
                do { try await look() } catch is CancellationError {} catch {
                    log.warning(
                        "approvals were not written about; a later look tries again",
                        ["error": String(reflecting: error)])
                }
            }
            group.cancelAll()
        }
    }

    /// Ends the looking after the organisation whose turn it is.
    public func shutDown() {
        isStopping.store(true, ordering: .relaxed)
        bell.close()
    }

    /// Something was asked, reminded of or escalated. Returns at once.
    public func note(_ approval: ApprovalID, in scope: OrganizationScope) {
        guard publicURL != nil else { return }
        state.withLock { _ = $0.heard[scope.organization, default: []].insert(approval) }
        bell.ring()
    }

    /// Notes what events tell of approvals.
    public func note(_ events: [Event], in scope: OrganizationScope) {
        let types: [EventType] = [.approvalRequested, .approvalReminded, .approvalEscalated]
        for event in events where types.contains(where: { $0.rawValue == event.type }) {
            if let id = event.data["approval_id"]?.string.flatMap({ ApprovalID($0) }) { note(id, in: scope) }
        }
    }

    // MARK: Writing

    /// Looks at what was heard of; when nothing was, at what waits.
    private func look() async throws {
        let heard = state.withLock { state in
            defer { state.heard = [:] }
            return state.heard
        }
        guard heard.isEmpty else {
            for (organization, ids) in heard { try await write(ids, in: OrganizationScope(organization)) }
            return
        }
        let isRound = state.withLock { state in
            defer { state.looks += 1 }
            return state.looks.isMultiple(of: options.looksPerRound)
        }
        _ = try await lookOnce(atAll: isRound)
    }

    /// Writes what is to be written about approvals that wait. Returns how many letters are new.
    ///
    /// - Parameter all: whether also about those that are not among the newest fifty of their organisation.
    @discardableResult
    public func lookOnce(atAll all: Bool = true) async throws -> Int {
        guard publicURL != nil else { return 0 }
        var count = 0
        for organization in directory.configured where !isStopping.load(ordering: .relaxed) {
            let scope = OrganizationScope(organization)
            guard isConnected(scope) else { continue }
            var readers: Readers?
            var after: Cursor?
            repeat {
                let page = try await approvals.list(
                    ApprovalFilter(state: .pending), PageRequest(limit: all ? 200 : 50, after: after), in: scope)
                for approval in page.items {
                    if readers == nil { readers = try await self.readers(in: scope) }
                    if let readers { count += try await write(approval, readers, in: scope) }
                }
                after = all ? page.next : nil
            } while after != nil && !isStopping.load(ordering: .relaxed)
        }
        return count
    }

    private func write(_ ids: Set<ApprovalID>, in scope: OrganizationScope) async throws {
        guard isConnected(scope) else { return }
        let readers = try await readers(in: scope)
        for id in ids {
            let approval = try await approvals.approval(id, in: scope)
            if approval.state == .pending { _ = try await write(approval, readers, in: scope) }
        }
    }

    private func isConnected(_ scope: OrganizationScope) -> Bool {
        publicURL != nil && directory.settings(in: scope).channels.contains(.email)
    }

    private func write(
        _ approval: Approval, _ readers: Readers, in scope: OrganizationScope
    ) async throws -> Int {
        let now = clock.now()
        var count = 0
        for letter in readers.letters(about: approval, at: now) {
            let key = "\(scope.organization) \(letter.key)"
            guard !state.withLock({ $0.written.contains(key) }) else { continue }
            do {
                let kept = try await outbox.enqueue([letter.draft(id: ids.id(at: now), at: now)], in: scope)
                count += kept.count(where: \.isNew)
            } catch let error as SpotterError where error.code == .idempotencyMismatch {
                // Written in other words by another version of the program: it is written.
            }
            state.withLock { state in
                if state.written.count >= Self.memory { state.written = [] }
                state.written.insert(key)
            }
        }
        return count
    }

    // MARK: Readers

    private func readers(in scope: OrganizationScope) async throws -> Readers {
        let now = clock.now()
        var found: [TokenRecord] = []
        var after: Cursor?
        repeat {
            let page = try await tokens.list(PageRequest(limit: 200, after: after), in: scope)
            found += page.items.filter { token in
                token.isGood(at: now) && token.permissions.contains(.approvalsDecide) && isAddress(token.subject)
            }
            after = page.next
        } while after != nil
        return Readers(tokens: found, sender: try await organizations.organization(in: scope).name)
    }

    // MARK: Handing over

    /// A letter with its link, as the courier hands it over; every other message as it is. nil where there is nothing to
    /// decide any more, or not for this reader.
    public func finish(_ message: OutboxMessage, in scope: OrganizationScope) async throws -> OutboxMessage? {
        guard let asked = message.approvalId, let reader = message.approverTokenId else { return message }
        guard let publicURL else { return nil }
        let now = clock.now()
        do {
            let approval = try await approvals.approval(asked, in: scope)
            guard let token = try await token(reader, for: approval, at: now, in: scope) else { return nil }
            let caller = Caller(
                token: token.id, subject: token.subject, role: token.role, permissions: Set(token.permissions),
                scope: scope)
            // Every try at the message has the same link, and with it the same vote.
            let link = try ApprovalLink(
                id: TokenID(message.id.uuid), to: approval, by: caller, for: Self.linkLifetime, at: now)
            var finished = message
            finished.body = ApprovalLetter.finished(
                message.body, link: "\(publicURL)/v1/approval-link?link=\(try links.text(for: link))")
            return finished
        } catch let error as SpotterError where [.notFound, .conflict, .unprocessable].contains(error.code) {
            return nil
        }
    }

    /// The token that a letter was written for; where it has ended meanwhile, another of the same person that is asked,
    /// too.
    private func token(
        _ id: TokenID, for approval: Approval, at now: Date, in scope: OrganizationScope
    ) async throws -> TokenRecord? {
        guard let token = try await tokens.use(id, in: scope) else { return nil }
        if token.isGood(at: now), token.permissions.contains(.approvalsDecide) { return token }
        let deciders = approval.deciders(at: now)
        return try await readers(in: scope).tokens.first { other in
            other.subject.lowercased() == token.subject.lowercased()
                && deciders.contains { $0.admits(other.role, other.id) }
        }
    }
}

/// Those of an organisation who can be written to.
private struct Readers {
    let tokens: [TokenRecord]
    let sender: String

    /// One letter for each person who may decide and has not.
    func letters(about approval: Approval, at now: Date) -> [ApprovalLetter] {
        let said = Set(approval.decisions.map { $0.subject.lowercased() })
        var chosen: [String: ApprovalLetter] = [:]
        // Of several tokens of one person, the one that is good for longest.
        for token in tokens.sorted(by: { ($0.expiresAt, "\($0.id)") > ($1.expiresAt, "\($1.id)") }) {
            let person = token.subject.lowercased()
            guard !said.contains(person), chosen[person] == nil, let turn = turn(of: token, approval, now) else {
                continue
            }
            chosen[person] = ApprovalLetter(approval: approval, turn: turn, token: token, sender: sender)
        }
        return chosen.sorted { $0.key < $1.key }.prefix(ApprovalPostman.mostReaders).map(\.value)
    }

    /// The last turn at which somebody was to be told; nil for who is not asked.
    private func turn(of token: TokenRecord, _ approval: Approval, _ now: Date) -> ApprovalLetter.Turn? {
        if approval.approvers.contains(where: { $0.admits(token.role, token.id) }) {
            return approval.isReminded ? .reminded : .requested
        }
        guard approval.isEscalated, let escalation = approval.escalation else { return nil }
        return escalation.to.contains { $0.admits(token.role, token.id) } ? .escalated : nil
    }
}

extension TokenRecord {
    fileprivate func isGood(at now: Date) -> Bool { revokedAt == nil && expiresAt > now }
}
