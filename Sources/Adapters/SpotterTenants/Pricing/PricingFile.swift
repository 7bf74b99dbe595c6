public import SpotterDomain

/// The file `templates/pricing.yaml`: what the providers ask for their models, read all or not at all.
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

    /// Every price of the file, in its order.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> [ModelPrice] {
        do throws(ConfigurationError) { return try read() } catch { throw error.spotterError }
    }

    /// The same with the issues one by one.
    public func read() throws(ConfigurationError) -> [ModelPrice] {
        let document = try ConfigurationDocument(yaml: try folder.read(name))
        return try document.decoded(as: PricingDocument.self) { $0.issues(knowing: providers) }.prices
    }
}

/// What the file holds.
struct PricingDocument: Decodable, FieldsDescribed {
    let prices: [ModelPrice]

    static let fields: [String: Field] = [
        "prices": Field("A price for each model and each time from which it counts.", count: 1...1_000)
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
        return unknown + others.filter { !told.contains($0.pointer) }
    }
}
