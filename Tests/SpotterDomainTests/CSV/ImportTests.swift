import Foundation
import SpotterDomain
import Testing

struct ImportTests {
    private let london = TimeZone(identifier: "Europe/London") ?? .gmt

    private func row<Kind: RecordKind>(
        _ kind: Kind.Type, _ headers: [String], _ cells: [String], _ dates: CellForms.DateChoice = .usually(.dayFirst)
    ) throws -> JSONValue {
        var columns = try ImportColumns<Kind>(headers: headers)
        columns.look(at: cells)
        return .object(try columns.row(of: cells, zone: london, dates))
    }

    @Test func `columns are known by their names however they are written`() throws {
        let row = try row(
            ClientKind.self,
            ["ID", "First Name", "Last name", "E-Mail", "Mobile", "Status", "Tags", "metadata.locker"],
            ["7", " Anna ", "Li", "anna@example.com", "'+44 7700 900123", "Active", "vip; evening", "12"])
        #expect(
            row == [
                "external_id": "7", "name": "Anna Li", "email": "anna@example.com", "phone": "+44 7700 900123",
                "status": "active", "tags": ["vip", "evening"], "metadata": ["locker": "12"],
            ])
    }

    @Test func `space around names and addresses goes, and that of free text stays`() throws {
        let row = try row(
            ClientKind.self, ["id", "name", "email", "notes"],
            ["7", "\tAnna Li ", " anna@example.com\n", "  Two\n\n  lines \n"])
        #expect(
            row == [
                "external_id": "7", "name": "Anna Li", "email": "anna@example.com", "notes": "  Two\n\n  lines \n",
            ])
        #expect(try self.row(LeadKind.self, ["id", "name", "notes"], ["7", "Ben", "  \n"])["notes"] == nil)
    }

    @Test func `an unknown column says what may have been meant`() {
        let error = #expect(throws: SpotterError.self) {
            _ = try ImportColumns<ClientKind>(headers: ["external_id", "emial", "name", "Name"])
        }
        #expect(
            error?.message
                == "column emial is not a column of clients; did you mean \"email\"?; column Name is there twice.")
        #expect(throws: Never.self) {
            _ = try ImportColumns<ClientKind>(headers: ["external_id", "shoe size"], skipsUnknown: true)
        }
        let missing = #expect(throws: SpotterError.self) { _ = try ImportColumns<ClientKind>(headers: ["name"]) }
        #expect(missing?.issues.map(\.pointer) == ["external_id"])
    }

    @Test(arguments: [
        (["21/11/2026", "03/04/2026"], ["2026-11-21", "2026-04-03"]),
        (["11/21/2026", "03/04/2026"], ["2026-11-21", "2026-03-04"]),
        (["2026-11-21", "03/04/2026"], ["2026-11-21", "2026-04-03"]),
        (["21.11.2026", "2026-11-21T10:00:00Z"], ["2026-11-21", "2026-11-21"]),
    ])
    func `dates of a column are in one order, which all of its cells tell`(_ cells: [String], _ days: [String]) throws {
        var columns = try ImportColumns<ClientKind>(headers: ["external_id", "joined_on"])
        for cell in cells { columns.look(at: ["1", cell]) }
        let read = try cells.map {
            try columns.row(of: ["1", $0], zone: london, .usually(.dayFirst))["joined_on"]?.string
        }
        #expect(read == days)
    }

    @Test func `times without a zone are the gym's`() throws {
        let times = ["2026-07-01 18:30", "01/07/2026 18:30:00", "2026-07-01T18:30:00+02:00", "2026-11-21"]
        let read = try times.map {
            try row(CheckInKind.self, ["external_id", "checked_in_at"], ["1", $0])["checked_in_at"]
        }
        #expect(
            read == [
                "2026-07-01T17:30:00.000Z", "2026-07-01T17:30:00.000Z", "2026-07-01T16:30:00.000Z",
                "2026-11-21T00:00:00.000Z",
            ])
    }

    @Test(arguments: [
        ("49,90", "49.90"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"), ("1 234,5", "1234.5"), ("49.9", "49.9"),
        ("1,234", "1234"), ("50", "50"),
    ])
    func `amounts have a decimal comma or a point`(_ cell: String, _ amount: String) throws {
        let row = try row(PaymentKind.self, ["external_id", "Amount", "Currency"], ["1", cell, "eur"])
        #expect(row["amount"] == ["amount": .string(amount), "currency": "EUR"])
    }

    @Test(arguments: ["1.250", "1,2,3", "12,345,5", "1.23.456,00", "12..5", "1,23.50", "--5", "5-", "1e3", "."])
    func `an amount that could be two things, or is none, is refused`(_ cell: String) {
        #expect(throws: SpotterError.self) {
            _ = try row(PaymentKind.self, ["external_id", "Amount", "Currency"], ["1", cell, "eur"])
        }
    }

    @Test func `what cannot be read names its column`() throws {
        let error = #expect(throws: SpotterError.self) {
            _ = try row(
                GymClassKind.self, ["external_id", "name", "capacity", "is_active"], ["1", "Spin", "many", "perhaps"])
        }
        #expect(error?.issues.map(\.pointer) == ["/capacity", "/is_active"])
        let short = #expect(throws: SpotterError.self) {
            _ = try row(GymClassKind.self, ["external_id", "name"], ["1"])
        }
        #expect(short?.message == "The value has 1 cells, but there are 2 columns.")
    }

    @Test(arguments: [("03/04/2026", "2026-03-04"), ("11/21/2026", "2026-11-21"), ("2026-11-21", "2026-11-21")])
    func `an order of dates that is given holds whatever the column seems to tell`(
        _ cell: String, _ day: String
    ) throws {
        var columns = try ImportColumns<ClientKind>(headers: ["external_id", "joined_on"])
        for cell in ["21/11/2026", "22/11/2026", cell] { columns.look(at: ["1", cell]) }
        let row = try columns.row(of: ["1", cell], zone: london, .always(.monthFirst))
        #expect(row["joined_on"]?.string == day)
        let error = #expect(throws: SpotterError.self) {
            _ = try columns.row(of: ["1", "21/11/2026"], zone: london, .always(.monthFirst))
        }
        #expect(error?.issues.map(\.pointer) == ["/joined_on"])
        #expect(columns.findings(.always(.monthFirst)).allSatisfy { $0.hasSuffix("mm/dd/yyyy") })
    }

    @Test func `an id is ours by its text, and otherwise what another system calls the record`() throws {
        let id = "\(Identifier<ClientKind>(UUID()))"
        #expect(try row(ClientKind.self, ["id", "name"], [id, "Ana"]) == ["id": .string(id), "name": "Ana"])
        #expect(try row(ClientKind.self, ["id", "name"], ["7", "Ana"]) == ["external_id": "7", "name": "Ana"])
        #expect(
            try row(ClientKind.self, ["id", "external_id"], [id, "7"]) == ["id": .string(id), "external_id": "7"])
    }

    @Test(arguments: [["vip", "a,b \"c\""], ["a,b"], ["a;b", "c"], ["[x]", "y"], ["x|y"], ["one"], []])
    func `labels are read back as they were, whatever stands in them`(_ tags: [String]) throws {
        let client = Client(
            id: Identifier(UUID()), name: "Ana", email: nil, phone: nil, status: .active, tags: tags,
            joinedOn: Date(timeIntervalSince1970: 1_700_000_000))
        let export = ExportColumns<ClientKind>()
        #expect(export.headers.first == "id")
        let row = try ImportColumns<ClientKind>(headers: export.headers).row(
            of: try export.cells(of: client), zone: london, .usually(.dayFirst))
        #expect(row["tags"]?.array?.compactMap(\.string) ?? [] == tags)
        #expect(row["id"]?.string == client.id.description)
    }

    @Test func `what is given out can be brought in again`() throws {
        let now = Date(timeIntervalSince1970: 1_795_000_000)
        let record = Payment(
            id: Identifier(UUID()), externalId: "p-1",
            fields: PaymentFields(amount: Money(12, "EUR"), kind: .dropIn, paidAt: now, description: "=1+1, \"x\""),
            createdAt: now)
        let export = ExportColumns<PaymentKind>()
        var columns = try ImportColumns<PaymentKind>(headers: export.headers)
        let cells = try export.cells(of: record)
        columns.look(at: cells)
        let row = try columns.row(of: cells, zone: london, .usually(.dayFirst))
        let setting = RecordSetting(now: now, today: Day(days: 0), currency: "USD", actor: "import")
        var members = row
        members["created_at"] = nil
        members["id"] = nil
        #expect(try Payment.fields(creating: members, setting) == record.fields)
    }

    @Test func `days are of the calendar`() {
        #expect(Day("2024-02-29")?.description == "2024-02-29")
        for text in ["2023-02-29", "2024-2-9", "24-02-09", "2024-13-01", "2024-00-10", "x", "0000-01-01"] {
            #expect(Day(text) == nil)
        }
        let moment = Date(timeIntervalSince1970: 1_795_000_000)
        #expect(Day(moment, in: TimeZone(secondsFromGMT: 0) ?? .gmt) == Day(utc: moment))
    }
}
