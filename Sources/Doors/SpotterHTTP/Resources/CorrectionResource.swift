import SpotterDomain

/// What an operator puts right on an organisation's bill.
struct CorrectionRequest: Codable, Sendable, FieldsDescribed {
    let organization: String
    let lineId: LedgerLineID
    let reverse: Bool?
    let base: Money?
    let markup: Money?
    let note: String

    static let fields: [String: Field] = [
        "organization": Field("The organisation's slug.", length: 1...63, example: "iron-temple"),
        "line_id": Field("The line of a call."),
        "reverse": Field("Gives all back that is left of the line, usage and money. Give this or `base`."),
        "base": Field("What is added to the provider's price; negative to give back."),
        "markup": Field("What is added to the markup; negative to give back, 0 if left out."),
        "note": Field("Why, for whoever reads the bill.", length: 1...500, example: "Charged twice"),
    ]

    static let example: JSONValue = [
        "organization": "iron-temple", "line_id": "line_01jd4xk8p9e6zt7c2m5v3w1q8r",
        "base": ["amount": "-0.002", "currency": "USD"], "markup": ["amount": "-0.0004", "currency": "USD"],
        "note": "Charged twice",
    ]

    /// - Throws: `SpotterError` at the field that does not fit.
    func correction() throws -> Correction {
        let correction = Correction(lineId, try change(), note: note)
        let issues = correction.issues
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        return correction
    }

    private func change() throws -> Correction.Change {
        if reverse == true {
            for (name, money) in [("base", base), ("markup", markup)] where money != nil {
                throw SpotterError.invalid("/\(name)", "must not be given where all is given back")
            }
            return .reversal
        }
        guard let base else { throw SpotterError.invalid("/base", "must be given, unless `reverse` is") }
        return .money(base: base, markup: markup ?? Cost.zero.markup)
    }
}
