import SpotterDomain

struct FreeOfCharge: Pricing {
    func cost(of usage: TokenUsage, model: String, provider: String) -> Cost? { nil }
}
