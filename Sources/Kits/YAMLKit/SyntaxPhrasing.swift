/// Puts libyaml's complaints into words that say what to do.
struct SyntaxPhrasing {
    let source: SourceText

    func phrase(_ failure: EventReader.Failure) -> (mark: Mark, message: String) {
        if let forbidden = failure.forbidden {
            let code = String(forbidden.value, radix: 16, uppercase: true)
            let number = String(repeating: "0", count: max(0, 4 - code.count)) + code
            return (source.mark(at: forbidden.offset), "the control character U+\(number) is not allowed")
        }
        let problem = failure.problem
        if problem.contains("tab character") { return (failure.mark, Self.tab) }
        switch problem {
        case "found character that cannot start any token":
            return (failure.mark, cannotStart(failure.mark))
        case "mapping values are not allowed in this context":
            return (failure.mark, "a ':' is not allowed here: quote a text with ': ' in it, or check the indentation")
        case "could not find expected ':'":
            return (failure.contextMark, "a ':' is missing after this key")
        case "did not find expected key":
            return (failure.mark, "expected a key: check the indentation")
        case "did not find expected '-' indicator":
            return (failure.mark, "expected '- ': check the indentation of the list")
        case "did not find expected ',' or ']'":
            return (failure.mark, "expected ',' or ']' in the list opened at \(failure.contextMark)")
        case "did not find expected ',' or '}'":
            return (failure.mark, "expected ',' or '}' in the mapping opened at \(failure.contextMark)")
        case "found unexpected end of stream":
            return (failure.contextMark, "the quoted text that begins here is never closed")
        case "found unexpected document indicator":
            return (failure.mark, "'---' or '...' inside the quoted text opened at \(failure.contextMark)")
        case "did not find expected node content":
            return (failure.mark, "a key or a value is missing here")
        case "block sequence entries are not allowed in this context":
            return (failure.mark, "a list of '- ' begins on a line of its own")
        case "found undefined tag handle":
            return (failure.mark, "unknown tag")
        default:
            let context = failure.context.isEmpty ? "" : " \(failure.context)"
            return (failure.mark, problem + context)
        }
    }

    private static let tab = "a tab is not allowed here: YAML is indented with spaces"

    private func cannotStart(_ mark: Mark) -> String {
        guard let character = source.character(at: mark) else { return "an unexpected character" }
        return character == "\t" ? Self.tab : "a text cannot begin with '\(character)': put it in quotes"
    }
}
