/// What an invented past is to be like.
public struct DemoOrder: Sendable {
    /// The organisation's slug.
    public let organization: String
    /// How many members there ever were.
    public let members: Int
    /// How far back it goes.
    public let months: Int
    /// The same one makes the same.
    public let seed: Int

    /// An order.
    public init(organization: String, members: Int, months: Int, seed: Int) {
        self.organization = organization
        self.members = members
        self.months = months
        self.seed = seed
    }
}
