public import Foundation

/// Which column of a file is for which member of a kind of records.
public struct ImportColumns<Kind: RecordKind>: Sendable {
    /// What a column is for.
    enum Purpose: Sendable, Hashable {
        case member(String)
        case currency(of: String)
        case metadata(String)
        case firstName, lastName
        case skipped
    }

    let purposes: [Purpose]
    /// As the file has them.
    public let headers: [String]
    /// What was looked at in each column.
    public var forms: [CellForms]
    private let members: [String: JSONSchema]

    /// Reads the first row of a file.
    ///
    /// - Parameter skipsUnknown: columns that nothing is known by the name of are left out, not refused.
    /// - Throws: `invalid` with every column that is unknown, with what may have been meant; or twice there, or missing.
    public init(headers: [String], skipsUnknown: Bool = false) throws {
        let schema = RecordSchemas.of(Kind.self).row
        members = Dictionary(schema.properties.map { ($0.name, $0.schema) }, uniquingKeysWith: { first, _ in first })
        self.headers = headers
        var purposes: [Purpose] = []
        var issues: [FieldIssue] = []
        for header in headers {
            let purpose = Self.purpose(of: header, members)
            if let purpose, purpose == .skipped || !purposes.contains(purpose) {
                purposes.append(purpose)
            } else if purpose != nil {
                issues.append(FieldIssue(pointer: header, message: "is there twice"))
                purposes.append(.skipped)
            } else {
                purposes.append(.skipped)
                guard !skipsUnknown else { continue }
                let hint = DidYouMean.hint(for: Self.key(header), among: members.keys.sorted())
                issues.append(FieldIssue(pointer: header, message: "is not a column of \(Kind.plural)\(hint)"))
            }
        }
        self.purposes = purposes
        forms = Array(repeating: CellForms(), count: headers.count)
        if !purposes.contains(.member("external_id")), !purposes.contains(.member("id")) {
            let message =
                "is missing, and so is id: one tells the records apart, so that importing twice changes nothing"
            issues.append(FieldIssue(pointer: "external_id", message: message))
        }
        guard issues.isEmpty else {
            let texts = issues.map { "column \($0.pointer) \($0.message)" }
            throw SpotterError(.invalid, texts.joined(separator: "; ") + ".", issues: issues)
        }
    }

    /// `E-Mail` as `e_mail`.
    private static func key(_ header: String) -> String {
        let parts = header.lowercased().split { !($0.isLetter || $0.isNumber || $0 == ".") }
        return parts.joined(separator: "_")
    }

    private static func purpose(of header: String, _ members: [String: JSONSchema]) -> Purpose? {
        let key = key(header)
        if key.isEmpty { return .skipped }
        // What an export tells beside, and nobody can set.
        if key == "version" || key == "updated_at" || Kind.Fields.readOnly.contains(key) { return .skipped }
        if members[key] != nil { return .member(key) }
        if key == "currency", members["amount"] != nil { return .currency(of: "amount") }
        if key.hasPrefix("metadata."), members["metadata"] != nil { return .metadata(String(key.dropFirst(9))) }
        if members["name"] != nil {
            if key == "first_name" { return .firstName }
            if key == "last_name" || key == "surname" { return .lastName }
        }
        return ColumnNames.aliases[key].flatMap { members[$0] == nil ? nil : .member($0) }
    }

    /// Looks at a row before any is read.
    public mutating func look(at cells: [String]) {
        for (index, cell) in cells.enumerated() where index < forms.count && isFormed(purposes[index]) {
            forms[index].look(at: cell.trimmingCharacters(in: .whitespaces))
        }
    }

    private func isFormed(_ purpose: Purpose) -> Bool {
        guard case .member(let member) = purpose, let schema = members[member] else { return false }
        return schema.isMoney || schema.format == "date" || schema.format == "date-time"
    }

    private func isFreeText(_ purpose: Purpose) -> Bool {
        guard case .member(let member) = purpose, members[member]?.kind == .string else { return false }
        return Self.freeTexts.contains(member)
    }

    private static var freeTexts: Set<String> { ["notes", "interest", "description", "body", "content"] }

    /// What was found out of the columns, for people.
    public func findings(_ dates: CellForms.DateChoice) -> [String] {
        zip(headers, forms).compactMap { header, forms in
            let order = forms.order(dates).rawValue
            if forms.isMixed { return "\(header): dates are in both orders; read as \(order)" }
            if forms.isOpen { return "\(header): dates may be either way round; read as \(order)" }
            if forms.hasSlashes { return "\(header): dates are \(order)" }
            return forms.hasDecimalComma ? "\(header): the decimal sign is a comma" : nil
        }
    }

    /// The row of a bulk upsert that some cells say.
    ///
    /// - Throws: `invalid` with every cell that cannot be read, at a pointer of the column's member.
    public func row(
        of cells: [String], zone: TimeZone, _ dates: CellForms.DateChoice
    ) throws -> JSONObject {
        guard cells.count == headers.count else {
            throw SpotterError.invalid("", "has \(cells.count) cells, but there are \(headers.count) columns")
        }
        var row = JSONObject()
        var metadata = JSONObject()
        var names: [String] = ["", ""]
        var issues: [FieldIssue] = []
        for (index, raw) in cells.enumerated() {
            // Nothing is run, and nothing is stored as a formula: a cell is the text that it holds.
            let trimmed = raw.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !trimmed.isEmpty else { continue }
            // What stands around a name or an address is an accident of the file; around free text it is the text's own.
            let cell = CSVWriter.plain(isFreeText(purposes[index]) ? raw : trimmed)
            switch purposes[index] {
            case .skipped: break
            case .firstName: names[0] = cell
            case .lastName: names[1] = cell
            case .metadata(let name): metadata[name] = .string(cell)
            case .currency(let member):
                var money = row[member]?.object ?? JSONObject()
                money["currency"] = .string(cell.uppercased())
                row[member] = .object(money)
            case .member("id") where Identifier<Kind>(cell) == nil && !purposes.contains(.member("external_id")):
                // In files of other systems it is what they call the record.
                row["external_id"] = .string(cell)
            case .member(let member):
                guard let schema = members[member] else { continue }
                let reader = CellReader(
                    zone: zone, order: forms[index].order(dates),
                    hasDecimalComma: forms[index].hasDecimalComma)
                do {
                    let value = try reader.value(of: cell, schema)
                    row[member] = row[member]?.merging(patch: value) ?? value
                } catch {
                    issues.append(FieldIssue(pointer: "/\(member)", message: error.message))
                }
            }
        }
        guard issues.isEmpty else { throw SpotterError.invalid(issues) }
        let name = names.filter { !$0.isEmpty }.joined(separator: " ")
        if !name.isEmpty, row["name"] == nil { row["name"] = .string(name) }
        if !metadata.isEmpty { row["metadata"] = .object(metadata) }
        return row
    }
}

/// Other names that columns have in the files of other systems.
private enum ColumnNames {
    static let aliases = [
        "e_mail": "email", "mail": "email", "email_address": "email", "phone_number": "phone", "telephone": "phone",
        "mobile": "phone", "full_name": "name", "member_id": "external_id",
        "join_date": "joined_on",
        "joined": "joined_on", "date_of_birth": "birthday", "dob": "birthday", "price": "amount",
        "e_mail_address": "email",
    ]
}
