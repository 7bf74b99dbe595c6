import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

struct PricingFileTests {
    private static let entry = """
          - model: gpt-4o
            provider: openai
            input_per_million: "2.50"
            output_per_million: "10.00"
            currency: USD
            valid_from: 2024-10-02T00:00:00Z

        """

    private func issues(_ text: String) throws -> [String] {
        let folder = try TemporaryFolder(["pricing.yaml": text])
        let file = PricingFile(path: folder.file("pricing.yaml"))
        return folder.issues { () throws(ConfigurationError) in try file.read() }
    }

    @Test func `the file is read in its order`() throws {
        let second = Self.entry.replacing("gpt-4o", with: "gpt-4o-mini").replacing("2.50", with: "0.15")
        let folder = try TemporaryFolder(["pricing.yaml": "prices:\n\(Self.entry)\(second)"])
        let prices = try PricingFile(path: folder.file("pricing.yaml")).load().prices
        #expect(prices.map(\.model) == ["gpt-4o", "gpt-4o-mini"])
        #expect(prices.map(\.inputPerMillion.description) == ["2.5", "0.15"])
    }

    @Test func `a model twice from the same time is refused, from another time it is not`() throws {
        let twice = try issues("prices:\n\(Self.entry)\(Self.entry)")
        let message = "prices[1].model has the provider, model and valid_from of element 0, counted from 0"
        #expect(twice == ["pricing.yaml:8:12: \(message)"])
        let later = Self.entry.replacing("2024-10-02", with: "2025-01-01")
        #expect(try issues("prices:\n\(Self.entry)\(later)").isEmpty)
    }

    @Test func `the same time in another zone is the same`() throws {
        let same = Self.entry.replacing("2024-10-02T00:00:00Z", with: "2024-10-02T02:00:00+02:00")
        #expect(try issues("prices:\n\(Self.entry)\(same)").count == 1)
    }

    @Test(arguments: [
        ("\"2.50\"", "2.50", "4:24: prices[0].input_per_million must be a string, not a number (in quotes it is a"),
        ("\"10.00\"", "ten", "5:25: prices[0].output_per_million must be a decimal number such as 2.50"),
        ("\"10.00\"", "\"-1\"", "5:25: prices[0].output_per_million must be a decimal number such as 2.50"),
        ("openai", "opneai", "3:15: prices[0].provider must be a model provider that costs something (anthropic, o"),
        ("openai", "offline", "3:15: prices[0].provider must be a model provider that costs something (anthropic, o"),
        ("USD", "EUR", "6:15: prices[0].currency must be USD, as all costs are"),
        ("T00:00:00Z", "", "7:17: prices[0].valid_from must be an RFC 3339 time"),
        ("gpt-4o", "\"\"", "2:12: prices[0].model must not be empty"),
        ("gpt-4o", "gpt 4o", "2:12: prices[0].model must not hold spaces"),
        ("currency", "curency", "6:5: prices[0].curency is an unknown field; did you mean \"currency\"?"),
    ])
    func `a fault is told with its place`(part: String, wrong: String, issue: String) throws {
        let issues = try issues("prices:\n\(Self.entry.replacing(part, with: wrong))")
        #expect(issues.contains { $0.hasPrefix("pricing.yaml:\(issue)") }, "\(issues)")
        #expect(issues.count == (part == "currency" ? 2 : 1), "\(issues)")
    }

    @Test func `every fault is told in one reading`() throws {
        let text = Self.entry.replacing("\"2.50\"", with: "x").replacing("\"10.00\"", with: "y")
        #expect(try issues("prices:\n\(text)").count == 2)
    }

    @Test(arguments: [
        ("", "1:1: the file must be an object, not null"),
        ("prices: []\n", "1:9: prices must have at least 1 elements"),
        ("prices:\n\t- x\n", "2:1: a tab is not allowed here"), ("price: []\n", "1:1: price is an unknown field"),
    ])
    func `a file that is no list of prices is refused`(text: String, issue: String) throws {
        #expect(try issues(text).contains { $0.hasPrefix("pricing.yaml:\(issue)") })
    }

    @Test func `a file that is not there is an error that names it`() throws {
        let folder = try TemporaryFolder()
        let error = try #require(throws: SpotterError.self) { try PricingFile(path: folder.file("no.yaml")).load() }
        #expect(error.code == .invalid)
        #expect(error.message == "\(folder.path)/no.yaml:1:1: cannot be read: No such file or directory")
    }

    @Test(arguments: [
        ("no-prices.yaml", ".", "./no-prices.yaml"), ("/no-prices.yaml", "/", "/no-prices.yaml"),
        // Where the folder itself is missing, that is the fault.
        ("no/folder/prices.yaml", "no/folder", "no/folder"),
    ])
    func `the file's folder is found`(path: String, folder: String, faulty: String) {
        let file = PricingFile(path: path)
        #expect(file.folder.path == folder)
        let error = #expect(throws: ConfigurationError.self) { try file.read() }
        #expect(error?.issues.map(\.file) == [faulty])
    }
}
