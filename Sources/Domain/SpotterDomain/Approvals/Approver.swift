/// Whose word counts for an approval: `role:owner` is everybody with a token of that role, `token:tok_…` one token.
///
/// A role means exactly that role: who should be asked beside the owner is named beside it.
public enum Approver: Sendable, Hashable, CustomStringConvertible {
    case role(Role)
    case token(TokenID)

    /// Reads `role:…` or `token:…`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2 else { return nil }
        switch parts[0] {
        case "role":
            guard let role = Role(rawValue: parts[1]), role != .hook else { return nil }
            self = .role(role)
        case "token":
            guard let token = TokenID(parts[1]) else { return nil }
            self = .token(token)
        default: return nil
        }
    }

    /// As it is read.
    public var description: String {
        switch self {
        case .role(let role): "role:\(role.rawValue)"
        case .token(let token): "token:\(token)"
        }
    }

    /// What an approver must be, for messages.
    public static let expectation =
        "must be role:owner, role:admin, role:staff, role:read_only, role:operator, or token: and a token's id"
}

extension Approver: Codable, SchemaDescribed {
    /// Reads the text form.
    public init(from decoder: any Decoder) throws {
        guard let approver = Approver(try decoder.singleValueContainer().decode(String.self)) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: Self.expectation))
        }
        self = approver
    }

    /// Writes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// A string; its form is checked where it is read.
    public static var schema: JSONSchema {
        JSONSchema(.string, description: "`role:owner` or `token:tok_…`.", pattern: "^(role|token):[0-9a-z_]+$")
    }
    /// The owner.
    public static var sample: Approver { .role(.owner) }
}

/// How many of the approvers must agree.
public enum ApprovalMode: Sendable, Hashable {
    /// The first decision counts, whichever it is.
    case any
    /// Every approver of the list, each by somebody else; the first refusal ends it.
    case all
    /// So many of them, whoever: as many refusals end it.
    case quorum(Int)

    /// The quorums there may be.
    public static let quorums = 1...100
}

extension ApprovalMode: Codable, SchemaDescribed {
    private struct Form: Codable { let quorum: Int }

    /// Reads `"any"`, `"all"` or `{"quorum": n}`.
    public init(from decoder: any Decoder) throws {
        let name = try? decoder.singleValueContainer().decode(String.self)
        switch name {
        case "any": self = .any
        case "all": self = .all
        case nil:
            if let form = try? Form(from: decoder), Self.quorums.contains(form.quorum) {
                self = .quorum(form.quorum)
                return
            }
            fallthrough
        default:
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "must be any, all, or an object with a quorum from 1 to 100"))
        }
    }

    /// Writes what is read.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .any, .all:
            var container = encoder.singleValueContainer()
            try container.encode(self == .any ? "any" : "all")
        case .quorum(let number): try Form(quorum: number).encode(to: encoder)
        }
    }

    /// A name or an object, which one schema cannot say.
    public static var schema: JSONSchema {
        JSONSchema(.any, description: #"`"any"`, `"all"` or `{"quorum": n}`."#)
    }
    /// Anybody.
    public static var sample: ApprovalMode { .any }
}
