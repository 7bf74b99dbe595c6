import Foundation
import SpotterDomain
import SpotterTesting
import Testing

@testable import SpotterBilling

/// A month's statement: its forms, and working it out again.
struct StatementTests {
    private static let month = BillingMonth(of: TestOrganization.start)

    /// An organisation with lines of one turn.
    private func gym(lines count: Int) async throws -> TestOrganization {
        let gym = try await TestOrganization.make(in: .memory())
        let run = try await gym.begunTurn()
        let lines = (0..<count).map { gym.line(gym.charge(input: 1_000 + $0), of: run, step: gym.id()) }
        try await gym.record(ExecutionRecord(execution: run, ledger: lines))
        let price = try #require(gym.charge().quote?.price)
        try await gym.stores.ledger.publish([price], [.standard])
        return gym
    }

    @Test func `a month is worked out again to the last digit, open or closed`() async throws {
        let gym = try await gym(lines: 3)
        let check = StatementCheck(ledger: gym.stores.ledger, reader: Counts())
        let open = try await check.verify(Self.month, in: gym.scope)
        #expect(open.problems == [])
        #expect(open.lines == 3)
        #expect(open.cost == (try await gym.lines()).reduce(Cost.zero) { $0 + $1.cost })
        _ = try await gym.stores.ledger.close(Self.month, at: Self.month.end, in: gym.scope)
        let closed = try await check.verify(Self.month, in: gym.scope)
        #expect(closed.problems == [])
        #expect(closed.closedAt == Self.month.end)
    }

    @Test func `a line that costs other than its usage and versions say is found`() async throws {
        let gym = try await gym(lines: 1)
        let run = try await gym.begunTurn()
        let good = gym.charge()
        let line = gym.line(good, of: run, step: gym.id())
        let wrong = LedgerLine(
            id: line.id, at: line.at, call: line.call, execution: line.execution, agentId: nil, conversationId: nil,
            taskId: nil, provider: line.provider, model: line.model, outcome: line.outcome,
            usage: TokenUsage(inputTokens: 1_001, outputTokens: 100, modelCalls: 1),
            rawUsage: ["prompt_tokens": 1_001, "completion_tokens": 100],
            isEstimate: false, priceVersion: line.priceVersion, markupVersion: line.markupVersion, cost: line.cost)
        let unknown = gym.line(gym.charge(model: "gpt-9"), of: run, step: gym.id())
        try await gym.record(ExecutionRecord(execution: run, ledger: [wrong, unknown]))
        let report = try await StatementCheck(ledger: gym.stores.ledger, reader: Counts()).verify(
            Self.month, in: gym.scope)
        #expect(report.lines == 3)
        #expect(
            report.problems == [
                "\(wrong.id): billed 0.0042, but 0.004203 by its usage and versions",
                "\(unknown.id): the price is not known: openai gpt-9 2026-11-18T11:06:40.000Z 2.5 10 - - USD",
            ])
    }

    @Test func `usage that is other than the provider sent is found, though its cost fits`() async throws {
        let gym = try await gym(lines: 1)
        let run = try await gym.begunTurn()
        var padded = gym.charge()
        padded.rawUsage = ["prompt_tokens": 900, "completion_tokens": 100]
        var silent = gym.charge()
        silent.rawUsage = nil
        var guessed = silent
        guessed.isEstimate = true
        let lines = [padded, silent, guessed].map { gym.line($0, of: run, step: gym.id()) }
        try await gym.record(ExecutionRecord(execution: run, ledger: lines))
        let report = try await StatementCheck(ledger: gym.stores.ledger, reader: Counts())
            .verify(Self.month, in: gym.scope)
        #expect(
            report.problems == [
                "\(lines[0].id): counts 1000 tokens in and 100 out, but the provider sent 900 and 100",
                "\(lines[1].id): has usage that no provider sent and nobody estimated",
            ])
    }

    @Test(arguments: [
        ("gpt-4o", "gpt-4o"), ("=1+1", "\"'=1+1\""), ("+1", "\"'+1\""),
        ("-cmd|' /C calc'!A0", "\"'-cmd|' /C calc'!A0\""),
        ("@SUM(A1)", "\"'@SUM(A1)\""), ("\t=1", "\"'\t=1\""), (" =1", "\"' =1\""), ("\r=1", "\"'\r=1\""),
        ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""), ("", ""),
        ("＝1", "\"'＝1\""), ("a=1", "a=1"),
    ])
    func `no cell becomes a formula, and none breaks its line`(text: String, cell: String) {
        #expect(StatementCSV.text(text) == cell)
    }

    @Test func `amounts stay numbers in the file, also those given back`() async throws {
        let gym = try await gym(lines: 1)
        let line = try #require(try await gym.lines().first)
        let back = Cost(base: Money(-1, "USD"), markup: Money(0, "USD"), billed: Money(-1, "USD"))
        let correction = LedgerLine(
            correcting: line, by: back, note: "=HYPERLINK(1)", id: gym.id(), at: TestOrganization.start)
        let row = StatementCSV.row(correction)
        #expect(row.contains(",-1,0,-1,USD,\(line.id),\"'=HYPERLINK(1)\"\r\n"))
        #expect(row.split(separator: ",", omittingEmptySubsequences: false).count == 24)
        #expect(StatementCSV.header.split(separator: ",").count == 24)
    }

    @Test func `the page escapes what somebody has written`() async throws {
        let gym = try await TestOrganization.make(in: .memory(), name: "<b>Gym</b> & \"Sons\"")
        let statement = try await StatementReader(ledger: gym.stores.ledger).statement(
            of: Self.month, for: gym.organization)
        let page = StatementPage.html(statement)
        #expect(page.contains("&lt;b&gt;Gym&lt;/b&gt; &amp; &quot;Sons&quot;"))
        #expect(!page.contains("<b>Gym"))
        #expect(page.contains("Open: more may be added"))
    }

    @Test(arguments: [
        "2026-13", "2026-00", "2026-1", "26-01", "2026-011", "2026/01", "-026-01", "1969-12", "9999-12", "", "2026-0１",
    ])
    func `what is no month is refused`(text: String) { #expect(BillingMonth(text) == nil) }

    @Test func `a month begins and ends at midnight in UTC`() throws {
        let december = try #require(BillingMonth("2026-12"))
        #expect(Timestamp.string(from: december.start) == "2026-12-01T00:00:00.000Z")
        #expect(Timestamp.string(from: december.end) == "2027-01-01T00:00:00.000Z")
        #expect(BillingMonth(of: december.end - 0.001) == december)
        #expect(december.description == "2026-12")
    }
}

/// Reads what the lines of these tests say that a provider sent.
private struct Counts: UsageReader {
    func usage(in raw: JSONValue, of provider: String) -> TokenUsage? {
        TokenUsage(inputTokens: raw["prompt_tokens"]?.int ?? 0, outputTokens: raw["completion_tokens"]?.int ?? 0)
    }
}
