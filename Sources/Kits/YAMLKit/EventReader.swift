import CLibyaml

/// What libyaml sees in a text, one event after the other.
struct YAMLEvent {
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(String)
        case scalar(String, YAMLNode.Style)
        case sequenceStart
        case sequenceEnd
        case mappingStart
        case mappingEnd
    }

    let kind: Kind
    let mark: Mark
    var anchor: String?
    var tag: String?
}

/// Owns a libyaml parser and the bytes that it reads.
final class EventReader {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutableBufferPointer<UInt8>
    private let firstLine: Int

    /// A syntax error as libyaml puts it.
    struct Failure: Error {
        let problem: String
        let mark: Mark
        let context: String
        let contextMark: Mark
        /// Where a forbidden character is, and which one; libyaml gives no mark for these.
        let forbidden: (offset: Int, value: Int)?
    }

    /// A reader over valid UTF-8 without a byte order mark.
    init(_ source: SourceText) throws(Failure) {
        firstLine = source.firstLine
        input = .allocate(capacity: source.bytes.count)
        _ = input.initialize(from: source.bytes)
        parser = .allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        guard yaml_parser_initialize(parser) == 1 else { throw failure() }
        yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        yaml_parser_set_input_string(parser, UnsafePointer(input.baseAddress), input.count)
    }

    deinit {
        // libyaml leaves a parser that failed to initialize zeroed, which deleting accepts.
        yaml_parser_delete(parser)
        parser.deallocate()
        input.deallocate()
    }

    /// The next event. Not to be called again after the end of the stream or a failure.
    func next() throws(Failure) -> YAMLEvent {
        var event = yaml_event_t()
        guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
        defer { yaml_event_delete(&event) }
        let mark = mark(event.start_mark)
        switch event.type {
        case YAML_STREAM_START_EVENT: return YAMLEvent(kind: .streamStart, mark: mark)
        case YAML_STREAM_END_EVENT: return YAMLEvent(kind: .streamEnd, mark: mark)
        case YAML_DOCUMENT_START_EVENT: return YAMLEvent(kind: .documentStart, mark: mark)
        case YAML_DOCUMENT_END_EVENT: return YAMLEvent(kind: .documentEnd, mark: mark)
        case YAML_SEQUENCE_END_EVENT: return YAMLEvent(kind: .sequenceEnd, mark: mark)
        case YAML_MAPPING_END_EVENT: return YAMLEvent(kind: .mappingEnd, mark: mark)
        case YAML_ALIAS_EVENT:
            return YAMLEvent(kind: .alias(text(event.data.alias.anchor) ?? ""), mark: mark)
        case YAML_SEQUENCE_START_EVENT:
            let start = event.data.sequence_start
            return YAMLEvent(kind: .sequenceStart, mark: mark, anchor: text(start.anchor), tag: text(start.tag))
        case YAML_MAPPING_START_EVENT:
            let start = event.data.mapping_start
            return YAMLEvent(kind: .mappingStart, mark: mark, anchor: text(start.anchor), tag: text(start.tag))
        default:
            return scalar(event.data.scalar, mark)
        }
    }

    private func scalar(_ scalar: yaml_event_s.__Unnamed_union_data.__Unnamed_struct_scalar, _ mark: Mark) -> YAMLEvent
    {
        let style: YAMLNode.Style =
            switch scalar.style {
            case YAML_SINGLE_QUOTED_SCALAR_STYLE, YAML_DOUBLE_QUOTED_SCALAR_STYLE: .quoted
            case YAML_LITERAL_SCALAR_STYLE, YAML_FOLDED_SCALAR_STYLE: .block
            default: .plain
            }
        // By its length, not to the first NUL: "\0" is a character like any other.
        let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
        let kind = YAMLEvent.Kind.scalar(String(decoding: bytes, as: UTF8.self), style)
        return YAMLEvent(kind: kind, mark: mark, anchor: text(scalar.anchor), tag: text(scalar.tag))
    }

    private func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        pointer.map { String(cString: $0) }
    }

    private func mark(_ mark: yaml_mark_t) -> Mark {
        Mark(line: Int(mark.line) + firstLine, column: Int(mark.column) + 1)
    }

    private func failure() -> Failure {
        let state = parser.pointee
        let isReader = state.error == YAML_READER_ERROR
        return Failure(
            problem: state.problem.map { String(cString: $0) } ?? "out of memory", mark: mark(state.problem_mark),
            context: state.context.map { String(cString: $0) } ?? "", contextMark: mark(state.context_mark),
            forbidden: isReader ? (Int(state.problem_offset), Int(state.problem_value)) : nil)
    }
}
