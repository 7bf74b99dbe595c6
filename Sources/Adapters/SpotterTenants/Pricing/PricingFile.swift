public import SpotterDomain

/// The file `templates/pricing.yaml`: what the providers ask for their models and what Spotter adds, read all or not at
/// all.
public struct PricingFile: Sendable {
    let folder: ConfigurationFolder
    private let name: String
    private let providers: Set<String>

    /// - Parameters:
    ///   - path: the file; messages name it so.
    ///   - providers: the model providers that cost something.
    public init(path: String, providers: Set<String> = ["openai", "anthropic"]) {
        let slash = path.lastIndex(of: "/")
        let parent = slash.map { path[...$0] } ?? "./"
        // The folder's path keeps its last slash only where it is the root.
        let folder = parent.count > 1 ? parent.dropLast() : parent
        self.folder = ConfigurationFolder(path: String(folder), ending: ".yaml")
        name = String(slash.map { path[path.index(after: $0)...] } ?? path[...])
        self.providers = providers
    }

    /// What the file holds.
    public struct Content: Sendable, Hashable {
        /// Every price, in the file's order.
        public let prices: [ModelPrice]
        /// Every markup, in the file's order; none means the standard one.
        public let markups: [Markup]
    }

    /// Every price and markup of the file, in its order.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> Content {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> Content {
        let document = try ConfigurationDocument(yaml: try folder.read(name))
        let pricing = try document.decoded(as: PricingDocument.self) { $0.issues(knowing: providers) }
        return Content(prices: pricing.prices, markups: pricing.markups ?? [])
    }
}

/// What the file holds.
struct PricingDocument: Decodable, FieldsDescribed {
    let prices: [ModelPrice]
    let markups: [Markup]?

    static let fields: [String: Field] = [
        "prices": Field("A price for each model and each time from which it counts.", count: 1...1_000),
        "markups": Field(
            "What Spotter adds to the prices, for each plan and each time; 20 percent without it.", count: 0...100),
    ]

    /// What the schema cannot say; a provider nobody calls by that name would leave its models without a price.
    func issues(knowing providers: Set<String>) -> [FieldIssue] {
        let known = providers.sorted()
        let unknown = prices.enumerated().filter { !providers.contains($1.provider) }.map { index, price in
            FieldIssue(
                pointer: "/prices/\(index)/provider",
                message: "must be a model provider that costs something (\(known.joined(separator: ", ")))"
                    + DidYouMean.hint(for: price.provider, among: known))
        }
        let told = Set(unknown.map(\.pointer))
        let others = prices.issues.map { FieldIssue(pointer: "/prices\($0.pointer)", message: $0.message) }
        let added = (markups ?? []).issues.map { FieldIssue(pointer: "/markups\($0.pointer)", message: $0.message) }
        return unknown + others.filter { !told.contains($0.pointer) } + added
    }
}
