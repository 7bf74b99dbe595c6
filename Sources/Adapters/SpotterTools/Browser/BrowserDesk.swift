public import DevToolsKit
public import HTTPClientKit
public import SpotterDomain

/// The pages that are open, each for one run of one organisation: no other run ever sees it, and it is closed when the run
/// ends or has not used it for a while.
public actor BrowserDesk {
    /// Whose page it is: that of one run, or of an organisation's calls by hand.
    struct Owner: Hashable, Sendable {
        let organization: OrganizationID
        let run: String

        init(_ context: ToolContext) {
            organization = context.scope.organization
            run = context.caller.execution?.description ?? "by hand \(context.caller.subject ?? "")"
        }

        init(_ execution: ExecutionID, in scope: OrganizationScope) {
            organization = scope.organization
            run = execution.description
        }
    }

    /// A page that is open, with what loads for it.
    final class Visit: Sendable {
        let page: BrowserPage
        let fetcher: BrowserFetcher

        init(_ page: BrowserPage, _ fetcher: BrowserFetcher) {
            self.page = page
            self.fetcher = fetcher
        }
    }

    private struct Place {
        var visit: Visit?
        var isBusy: Bool
        var isEnded = false
        var lastUse: ContinuousClock.Instant
    }

    private let browser: HeadlessBrowser?
    private let client: GuardedClient
    private let policies: any BrowserPolicies
    private let idle: Duration
    private var places: [Owner: Place] = [:]
    private var isSweeping = false

    /// - Parameters:
    ///   - browser: nil where none is installed.
    ///   - client: the only way to the network.
    ///   - policies: asked anew for each call.
    ///   - idle: how long a page stays open that its run does not use.
    public init(
        browser: HeadlessBrowser?, client: GuardedClient, policies: any BrowserPolicies, idle: Duration = .seconds(300)
    ) {
        self.browser = browser
        self.client = client
        self.policies = policies
        self.idle = idle
    }

    /// The organisation's policy, for a call that is about to be made.
    ///
    /// - Throws: `ToolFailure` where it has no browser.
    nonisolated func policy(for context: ToolContext) throws -> BrowserPolicy {
        let policy = policies.browserPolicy(in: context.scope)
        guard policy.isEnabled else {
            throw ToolFailure(
                "This gym has no browser. An operator turns it on by adding `browser: {enabled: true, allow_hosts: […]}` "
                    + "to the gym's file in tenants/ and reloading; trying again does not help.")
        }
        return policy
    }

    /// Works with the run's page; makes one where there is none, if `opens` says so.
    ///
    /// A page whose browser does not answer any more is closed.
    func with<Result: Sendable>(
        _ context: ToolContext, opens: Bool, _ work: @Sendable (Visit) async throws -> Result
    ) async throws -> Result {
        let policy = try policy(for: context)
        let owner = Owner(context)
        let visit = try await enter(owner, policy, opens: opens)
        do {
            let result = try await work(visit)
            await leave(owner)
            return result
        } catch let error as DevToolsError {
            await close(owner)
            throw BrowserFailureText.failure(error)
        } catch let error as ToolFailure {
            await leave(owner)
            throw error
        } catch {
            // What was broken off in the middle leaves a page in no known state.
            await close(owner)
            throw error
        }
    }

    /// A run has ended: its page is closed.
    public func end(_ execution: ExecutionID, in scope: OrganizationScope) async {
        let owner = Owner(execution, in: scope)
        guard let place = places[owner] else { return }
        guard !place.isBusy else {
            places[owner]?.isEnded = true
            return
        }
        await close(owner)
    }

    /// Closes everything.
    public func shutDown() async {
        places = [:]
        await browser?.shutDown()
    }

    /// How many pages are open, of all organisations.
    public var pages: Int { places.count }

    private func enter(_ owner: Owner, _ policy: BrowserPolicy, opens: Bool) async throws -> Visit {
        if let place = places[owner] {
            guard !place.isBusy, let visit = place.visit else {
                throw ToolFailure("The page is busy with another call of this run. Call one tool after another on it.")
            }
            places[owner]?.isBusy = true
            places[owner]?.lastUse = .now
            return visit
        }
        guard opens else {
            throw ToolFailure(
                "No page is open in this run, or it was closed because it was not used for a while. Open one with "
                    + "navigate_browser first.")
        }
        guard let browser else { throw BrowserFailureText.failure(.notInstalled) }
        let open = places.keys.count { $0.organization == owner.organization }
        guard open < policy.maxPages else {
            throw ToolFailure(
                "\(open) pages of this gym are open, and no more may be (`browser.max_pages`). Try again when another "
                    + "run has ended.")
        }
        // Taken before anything is waited for, so that two who come at once count each other.
        places[owner] = Place(visit: nil, isBusy: true, lastUse: .now)
        do {
            let fetcher = BrowserFetcher(
                client: client, policy: policy, partition: "browser \(owner.organization) \(owner.run)")
            var bounds = BrowserPage.Bounds()
            bounds.load = .seconds(policy.loadSeconds)
            let page = try await browser.open(bounds) { await fetcher.fetch($0) }
            let visit = Visit(page, fetcher)
            places[owner]?.visit = visit
            sweepLater()
            return visit
        } catch {
            places[owner] = nil
            if let error = error as? DevToolsError { throw BrowserFailureText.failure(error) }
            throw error
        }
    }

    private func leave(_ owner: Owner) async {
        places[owner]?.isBusy = false
        places[owner]?.lastUse = .now
        if places[owner]?.isEnded == true { await close(owner) }
    }

    private func close(_ owner: Owner) async {
        guard let place = places.removeValue(forKey: owner), let visit = place.visit else { return }
        await browser?.close(visit.page)
    }

    /// Looks from time to time for pages that nobody uses, for as long as there are pages.
    private func sweepLater() {
        guard !isSweeping else { return }
        isSweeping = true
        // Holds nothing back: a desk that is let go of ends it.
        Task { [weak self, idle] in
            while true {
                try? await Task.sleep(for: max(idle / 10, .milliseconds(50)))
                guard await self?.sweep() == true else { return }
            }
        }
    }

    private func sweep() async -> Bool {
        let oldest = ContinuousClock.now - idle
        for (owner, place) in places where !place.isBusy && place.lastUse < oldest { await close(owner) }
        isSweeping = !places.isEmpty
        return isSweeping
    }
}
