import SpotterDomain

/// The words after a command's name, sorted into options and the rest.
struct Arguments: Sendable {
    private var options: [String: String] = [:]
    private var flags: Set<String> = []
    private(set) var words: [String] = []

    /// - Throws: `UsageError` for an unknown option, a missing or unexpected value, or an option given twice.
    init(_ arguments: [String], allowing specs: [OptionSpec]) throws {
        var rest = arguments[...]
        var isLiteral = false
        while let word = rest.popFirst() {
            if isLiteral || !word.hasPrefix("--") {
                words.append(word)
            } else if word == "--" {
                isLiteral = true
            } else {
                try read(word.dropFirst(2), &rest, specs)
            }
        }
    }

    private mutating func read(_ text: Substring, _ rest: inout ArraySlice<String>, _ specs: [OptionSpec]) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        guard let spec = specs.first(where: { $0.name == name }) else {
            let nearest = DidYouMean.nearest(to: name, among: specs.map(\.name))
            throw UsageError("unknown option --\(name)" + (nearest.map { "; did you mean --\($0)?" } ?? ""))
        }
        guard options[name] == nil, !flags.contains(name) else { throw UsageError("--\(name) is given twice") }
        switch (spec.value, parts.count) {
        case (nil, 1): flags.insert(name)
        case (nil, _): throw UsageError("--\(name) takes no value")
        case (_, 2): options[name] = String(parts[1])
        case (let value?, _):
            guard let next = rest.first, !next.hasPrefix("--") else { throw UsageError("--\(name) needs \(value)") }
            options[name] = rest.removeFirst()
        }
    }

    subscript(name: String) -> String? { options[name] }

    func has(_ flag: String) -> Bool { flags.contains(flag) }

    /// - Throws: `UsageError` when it is not given.
    func required(_ name: String) throws -> String {
        guard let value = options[name], !value.isEmpty else { throw UsageError("--\(name) is needed") }
        return value
    }

    /// A whole number in `range`.
    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text = options[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError("--\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}

/// The command was not called as it should be. Exit code 2.
struct UsageError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
