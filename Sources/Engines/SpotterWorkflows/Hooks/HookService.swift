public import Foundation
public import ServiceKit
public import SpotterDomain

/// Ways in for messages of other systems, and ways out for events: making them, and taking what comes.
public struct HookService: Sendable {
    let store: any HookStore
    let secrets: any HookSecrets
    private let judge: any HookJudge
    let starter: HookStarter
    let sending: HookSending
    let desk: MessageDesk
    let ids: any IDGenerator
    private let log: Log
    let onStart: @Sendable (OrganizationScope) -> Void

    /// - Parameters:
    ///   - sending: what hooks that send do it with.
    ///   - desk: knows who has a number, and what their words mean.
    ///   - onStart: told of every run that is ready, to wake whom it concerns.
    public init(
        store: any HookStore, secrets: any HookSecrets, judge: any HookJudge, starter: HookStarter,
        sending: HookSending, desk: MessageDesk, ids: any IDGenerator, log: Log,
        onStart: @escaping @Sendable (OrganizationScope) -> Void = { _ in }
    ) {
        self.store = store
        self.secrets = secrets
        self.judge = judge
        self.starter = starter
        self.sending = sending
        self.desk = desk
        self.ids = ids
        self.log = log
        self.onStart = onStart
    }

    // MARK: Reading

    /// Throws `notFound`.
    public func hook(_ id: HookID, in scope: OrganizationScope) async throws -> Hook {
        try await store.hook(id, in: scope)
    }

    /// Newest first.
    public func list(_ page: PageRequest, in scope: OrganizationScope) async throws -> Page<Hook> {
        try await store.list(page, in: scope)
    }

    /// Newest first; throws `notFound`.
    public func deliveries(
        of id: HookID, _ page: PageRequest, in scope: OrganizationScope
    ) async throws -> Page<HookDelivery> {
        try await store.deliveries(of: id, page, in: scope)
    }

    /// Throws `notFound`.
    public func delivery(
        _ id: HookDeliveryID, of hook: HookID, in scope: OrganizationScope
    ) async throws -> HookDelivery {
        try await store.delivery(id, of: hook, in: scope)
    }

    // MARK: Writing

    /// Makes a hook.
    ///
    /// - Parameters:
    ///   - secret: the sender's own; nil to have one made.
    ///   - receipt: of the request; it holds no secret.
    /// - Returns: the hook, and its secret if it was made here: it is shown once.
    /// - Throws: `invalid`, `conflict` where the name is taken, `limitReached`.
    public func create(
        _ settings: HookSettings, secret given: String?, at now: Date, in scope: OrganizationScope,
        receipt: (Hook) throws -> Receipt? = { _ in nil }
    ) async throws -> (hook: Hook, secret: String?) {
        try await check(settings, in: scope)
        let made = try made(given, for: settings.style, isSending: settings.target != nil)
        let hook = Hook(id: ids.id(at: now), version: 1, settings: settings, createdAt: now, updatedAt: now)
        try await secrets.add(made.text, to: hook.id, at: now, in: scope)
        do {
            try await store.create(hook, receipt: try receipt(hook), in: scope)
        } catch {
            try? await secrets.forget(hook.id, at: now, in: scope)
            throw error
        }
        return (hook, made.isNew ? made.text : nil)
    }

    /// Changes a hook as it was read. What does not change makes no new version. Its style stays: the secrets are of it.
    ///
    /// - Throws: `invalid`; `preconditionFailed` if it was changed meanwhile.
    public func update(
        _ hook: Hook, to settings: HookSettings, at now: Date, in scope: OrganizationScope
    ) async throws -> Hook {
        guard settings != hook.settings else { return hook }
        guard settings.style == hook.settings.style else {
            throw SpotterError.invalid("/style", "cannot be changed: make another hook")
        }
        guard settings.direction == hook.settings.direction else {
            throw SpotterError.invalid("/direction", "cannot be changed: make another hook")
        }
        try await check(settings, in: scope)
        var updated = hook
        updated.version += 1
        updated.settings = settings
        updated.updatedAt = now
        try await store.update(updated, in: scope)
        return updated
    }

    /// Deletes a hook with its deliveries and its secrets; what it has started goes on.
    public func delete(_ id: HookID, version: Int?, at now: Date, in scope: OrganizationScope) async throws {
        try await store.delete(id, version: version, in: scope)
        try await secrets.forget(id, at: now, in: scope)
    }

    /// Gives a hook another secret. The one before stays good until the next rotation, unless it is to end now.
    ///
    /// - Returns: the hook, and the secret if it was made here: it is shown once.
    /// - Throws: `invalid`, `notFound`.
    public func rotate(
        _ id: HookID, secret given: String?, endsPrevious: Bool, at now: Date, in scope: OrganizationScope
    ) async throws -> (hook: Hook, secret: String?) {
        let hook = try await store.hook(id, in: scope)
        let made = try made(given, for: hook.settings.style, isSending: hook.settings.target != nil)
        try await secrets.add(made.text, to: id, at: now, in: scope)
        if endsPrevious { try await secrets.forgetPrevious(of: id, at: now, in: scope) }
        return (hook, made.isNew ? made.text : nil)
    }

    /// Whether such a hook could do its work now.
    private func check(_ settings: HookSettings, in scope: OrganizationScope) async throws {
        if let target = settings.target {
            try sending.transport.check(target.url)
            _ = try target.filter()
        } else if let action = settings.action {
            try await starter.check(action, in: scope)
        } else {
            throw SpotterError.invalid("/action", "is required")
        }
    }

    private func made(
        _ given: String?, for style: HookStyle, isSending: Bool
    ) throws -> (text: String, isNew: Bool) {
        if let given {
            // A PEM file is a key with lines around it.
            let text = given.contains("-----") ? Self.content(ofPEM: given) : given
            _ = try SecretValue(text)
            // A public key is enough to believe, and not to sign; those begin with `whpk_`.
            guard judge.accepts(secret: text, style: style), !isSending || text.hasPrefix("whsec_") else {
                throw SpotterError.invalid("/secret", "cannot be a secret of this style")
            }
            return (text, false)
        }
        guard let text = try judge.newSecret(for: style) else {
            throw SpotterError.invalid("/secret", "is required: senders of this style give it")
        }
        return (text, true)
    }

    private static func content(ofPEM text: String) -> String {
        text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
    }

    // MARK: Believing

    /// A hook that a message has reached, and why it is believed.
    public struct Opened: Sendable {
        /// The hook.
        public let hook: Hook
        /// Whose it is.
        public let scope: OrganizationScope
        /// What is known of the message.
        public let proof: HookProof
    }

    /// Believes a message or refuses it, before anything of it is read.
    ///
    /// - Parameter id: what its address names; nil where that is no id at all.
    /// - Throws: `HookLimits.refusal`, whatever is wrong: that there is no such hook looks like a bad signature, and
    ///   takes as much work.
    public func open(_ message: HookMessage, at id: HookID?, _ now: Date) async throws -> Opened {
        let wanted = id ?? ids.id(at: now)
        let owner = try await store.organization(ofHook: wanted)
        let scope = OrganizationScope(owner ?? ids.id(at: now))
        let hook = try await found(wanted, in: scope)
        let known = try secrets.secrets(of: wanted, in: scope)
        do {
            let proof = try judge.verify(
                message, style: hook?.settings.style ?? .standard, secrets: known.isEmpty ? [Self.nobodys] : known,
                at: now)
            guard let hook, !known.isEmpty, hook.settings.isEnabled, hook.settings.action != nil else {
                throw HookLimits.refusal
            }
            return Opened(hook: hook, scope: scope, proof: proof)
        } catch {
            log.debug("a message to a hook was refused", ["hook": "\(wanted)", "reason": "\(error)"])
            throw HookLimits.refusal
        }
    }

    private func found(_ id: HookID, in scope: OrganizationScope) async throws -> Hook? {
        do {
            return try await store.hook(id, in: scope)
        } catch let error as SpotterError where error.code == .notFound { return nil }
    }

    /// Good in form, and nobody signs with it: what is signed with it is refused all the same.
    private static let nobodys = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
}
