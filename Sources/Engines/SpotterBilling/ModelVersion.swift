/// How providers name the versions of a model.
enum ModelVersion {
    /// What stands behind the family's name; `0` is any digit. `gpt-4o-2024-08-06`, `claude-3-5-haiku-20241022`.
    private static let endings = ["-0000-00-00", "-00000000", "-latest"]

    /// The name without its date; nil if it has none: `gpt-4o-mini` is a model of its own and no version of `gpt-4o`.
    static func family(of model: String) -> String? {
        for ending in endings where model.utf8.count > ending.utf8.count {
            let tail = model.utf8.suffix(ending.utf8.count)
            guard zip(tail, ending.utf8).allSatisfy(fits) else { continue }
            return String(model.utf8.dropLast(ending.utf8.count))
        }
        return nil
    }

    private static func fits(_ character: UInt8, _ place: UInt8) -> Bool {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return place == UInt8(ascii: "0") ? digits.contains(character) : character == place
    }
}
