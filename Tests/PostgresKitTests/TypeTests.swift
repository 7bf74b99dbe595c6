import Foundation
import PostgresKit
import Testing

@Suite(.timeLimit(.minutes(2)))
struct TypeTests {
    private enum Colour: String, PostgresEncodable, PostgresDecodable { case red, green }

    private func echo<Value: PostgresEncodable & PostgresDecodable>(
        _ sql: StaticString, _ value: Value, _ database: Database
    ) async throws -> Value {
        try await database.unscoped.query(Statement(sql, value)).exactlyOne().get("v", as: Value.self)
    }

    @Test func `values come back as they were sent`() async throws {
        try await Fixture.with { fixture in
            let database = fixture.database
            for text in ["", "plain", "it's \"quoted\" \\ {a,b} NULL", "grüße 🏋️\u{0301}\n\t", "\u{1}"] {
                let found = try await echo("SELECT $1::text AS v", text, database)
                #expect(found == text)
            }
            for number in [0, 1, -1, Int.max, Int.min, 4_294_967_296] {
                let found = try await echo("SELECT $1::bigint AS v", number, database)
                #expect(found == number)
            }
            for flag in [true, false] {
                let found = try await echo("SELECT $1::boolean AS v", flag, database)
                #expect(found == flag)
            }
            for number in [0, -0.0, 0.1, 1e-300, 1.7976931348623157e308, -123.456] {
                let found = try await echo("SELECT $1::float8 AS v", number, database)
                #expect(found == number)
            }
            let id = UUID()
            let foundID = try await echo("SELECT $1::uuid AS v", id, database)
            #expect(foundID == id)
            let bytes = Data([0, 1, 92, 255]) + Data(repeating: 0, count: 1_000)
            let foundBytes = try await echo("SELECT $1::bytea AS v", bytes, database)
            #expect(foundBytes == bytes)
            let noBytes = try await echo("SELECT $1::bytea AS v", [UInt8](), database)
            #expect(noBytes.isEmpty)
            let colour = try await echo("SELECT $1::text AS v", Colour.green, database)
            #expect(colour == .green)
        }
    }

    @Test func `integers of every width are read as Int and checked where they are narrower`() async throws {
        try await Fixture.with { fixture in
            let statement = Statement(
                "SELECT 7::int2 AS small, -8::int4 AS medium, 9::int8 AS large, 3000000000::int8 AS huge")
            let row = try await fixture.database.unscoped.query(statement).exactlyOne()
            #expect(try row.get("small", as: Int.self) == 7)
            #expect(try row.get("medium", as: Int32.self) == -8)
            #expect(try row.get("large", as: Int32.self) == 9)
            #expect(throws: PostgresError.self) { try row.get("huge", as: Int32.self) }
        }
    }

    @Test(arguments: [
        "0", "1", "-1", "0.1", "-0.0001", "10000", "100000000", "12345.6789", "99999999999999999999999999999999999999",
        "-0.00000000000000000000000000000000000001", "123456789012345678.12345678901234567890",
    ])
    func `numerics keep every digit`(text: String) async throws {
        try await Fixture.with { fixture in
            let number = try #require(Decimal(string: text))
            let statement = Statement("SELECT $1::numeric AS v, $1::numeric = $2::numeric AS same", number, text)
            let row = try await fixture.database.unscoped.query(statement).exactlyOne()
            #expect(try row.get("v", as: Decimal.self) == number)
            #expect(try row.get("same", as: Bool.self))
        }
    }

    @Test func `a numeric that Decimal cannot hold is refused`() async throws {
        try await Fixture.with { fixture in
            let statement = Statement(
                "SELECT 'NaN'::numeric AS a, 'Infinity'::numeric AS b, (10::numeric ^ 40 + 1) AS c, 10::numeric ^ 40 AS d"
            )
            let row = try await fixture.database.unscoped.query(statement).exactlyOne()
            #expect(throws: PostgresError.self) { try row.get("a", as: Decimal.self) }
            #expect(throws: PostgresError.self) { try row.get("b", as: Decimal.self) }
            #expect(throws: PostgresError.self) { try row.get("c", as: Decimal.self) }
            #expect(try row.get("d", as: Decimal.self) == Decimal(sign: .plus, exponent: 40, significand: 1))
        }
    }

    @Test(arguments: [
        ("2026-11-21 05:13:23.762511+00", 1_795_238_003.762511), ("1970-01-01 00:00:00+00", 0),
        ("1969-12-31 23:59:59.999999+00", -0.000001), ("2000-02-29 12:00:00.000001+00", 951_825_600.000001),
        ("0001-01-01 00:00:00+00", -62_135_596_800), ("9999-12-31 23:59:59+00", 253_402_300_799),
        ("1900-03-01 00:00:00+00", -2_203_891_200),
    ])
    func `timestamps are exact to the microsecond in both directions`(text: String, seconds: Double) async throws {
        try await Fixture.with { fixture in
            let date = Date(timeIntervalSince1970: seconds)
            let statement = Statement(
                "SELECT $1::timestamptz AS v, $1::timestamptz = $2::timestamptz AS same", date, text)
            let row = try await fixture.database.unscoped.query(statement).exactlyOne()
            #expect(try row.get("same", as: Bool.self))
            let found = try row.get("v", as: Date.self)
            #expect(abs(found.timeIntervalSince(date)) < 0.000_000_5)
        }
    }

    @Test func `infinite dates are refused in both directions`() async throws {
        try await Fixture.with { fixture in
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT 'infinity'::timestamptz AS a, '-infinity'::date AS b, '2001-01-02'::date AS c")
            ).exactlyOne()
            #expect(throws: PostgresError.self) { try row.get("a", as: Date.self) }
            #expect(throws: PostgresError.self) { try row.get("b", as: Date.self) }
            #expect(try row.get("c", as: Date.self) == Date(timeIntervalSinceReferenceDate: 86_400))
            for seconds in [Double.infinity, .nan, 1e15, -1e12] {
                let date = Date(timeIntervalSinceReferenceDate: seconds)
                let error = await failure {
                    _ = try await fixture.database.unscoped.query(Statement("SELECT $1::timestamptz", date))
                }
                #expect(error?.kind == .invalidValue)
            }
        }
    }

    @Test func `arrays keep odd elements and emptiness`() async throws {
        try await Fixture.with { fixture in
            let texts = ["", "NULL", "a,b", "{}", "\"", "\\", "\\\"x\\\\\"", " space ", "ü\n", "'"]
            let found = try await echo("SELECT $1::text[] AS v", texts, fixture.database)
            #expect(found == texts)
            let none = try await echo("SELECT $1::text[] AS v", [String](), fixture.database)
            #expect(none.isEmpty)
            let ids = (0..<5).map { _ in UUID() }
            let foundIDs = try await echo("SELECT $1::uuid[] AS v", ids, fixture.database)
            #expect(foundIDs == ids)
            let numbers: [Int64] = [.min, -1, 0, .max]
            let foundNumbers = try await echo("SELECT $1::bigint[] AS v", numbers, fixture.database)
            #expect(foundNumbers == numbers)
        }
    }

    @Test func `arrays of anything may hold NULL and are the columns of rows`() async throws {
        try await Fixture.with { fixture in
            let document = #"{"a\\": "it's {1,2} \"NULL\""}"#
            let date = Date(timeIntervalSince1970: 1_700_000_000.123456)
            let id = UUID()
            let rows = try await fixture.database.unscoped.query(
                Statement(
                    """
                    SELECT * FROM unnest($1::text[], $2::json[], $3::timestamptz[], $4::uuid[], $5::integer[])
                        AS rows (text, document, date, id, number)
                    """,
                    parameters: [
                        .array([.text("NULL"), .null, .text("a,\"b\"\\ ")]),
                        .array([.json(document), .json("[]"), .null]),
                        .array([.null, .timestamp(date), .null]), .array([.uuid(id), .null, .null]),
                        .array([.null, .int(-7), .int(8)]),
                    ]))
            #expect(try rows.map { try $0.get("text", as: String?.self) } == ["NULL", nil, "a,\"b\"\\ "])
            #expect(try rows.map { try $0.get("document", as: PostgresJSON?.self)?.text } == [document, "[]", nil])
            #expect(try rows.map { try $0.get("date", as: Date?.self) } == [nil, date, nil])
            #expect(try rows.map { try $0.get("id", as: UUID?.self) } == [id, nil, nil])
            #expect(try rows.map { try $0.get("number", as: Int?.self) } == [nil, -7, 8])
        }
    }

    @Test func `an array with a NULL or several dimensions is refused`() async throws {
        try await Fixture.with { fixture in
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT ARRAY['a', NULL] AS a, ARRAY[['a'], ['b']] AS b")
            ).exactlyOne()
            #expect(throws: PostgresError.self) { try row.get("a", as: [String].self) }
            #expect(throws: PostgresError.self) { try row.get("b", as: [String].self) }
        }
    }

    @Test func `JSON passes unparsed`() async throws {
        try await Fixture.with { fixture in
            let document = PostgresJSON(#"{"a": [1, "ü", null]}"#)
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT $1::jsonb AS b, $1::json AS j", document)
            ).exactlyOne()
            #expect(try row.get("b", as: PostgresJSON.self) == document)
            #expect(try row.get("j", as: PostgresJSON.self) == document)
            #expect(try row.get("b", as: String.self) == document.text)
        }
    }

    @Test func `nil is NULL and NULL is nil`() async throws {
        try await Fixture.with { fixture in
            let none: String? = nil
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT $1::text AS v, $2::bigint AS n", none, Int?.none)
            ).exactlyOne()
            #expect(try row.get("v", as: String?.self) == nil)
            #expect(try row.get("n", as: Int?.self) == nil)
            let error = #expect(throws: PostgresError.self) { try row.get("n", as: Int.self) }
            #expect(error?.kind == .decoding)
            #expect(error?.column == "n")
        }
    }

    @Test func `a wrong type or column is an error that names the column`() async throws {
        try await Fixture.with { fixture in
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT 'x'::text AS title, 'purple'::text AS colour")
            ).exactlyOne()
            let mismatch = #expect(throws: PostgresError.self) { try row.get("title", as: UUID.self) }
            #expect(mismatch?.column == "title")
            let missing = #expect(throws: PostgresError.self) { try row.get("titel", as: String.self) }
            #expect(missing?.column == "titel")
            #expect(throws: PostgresError.self) { try row.get("colour", as: Colour.self) }
            #expect(throws: PostgresError.self) { try row.get(2, as: String.self) }
            #expect(try row.get(0, as: String.self) == "x")
        }
    }

    @Test func `columns with long names that begin alike are told apart`() async throws {
        try await Fixture.with { fixture in
            let row = try await fixture.database.unscoped.query(
                Statement("SELECT 1 AS organization_a, 2 AS organization_b, 3 AS organization_bb")
            ).exactlyOne()
            #expect(try row.get("organization_b", as: Int.self) == 2)
            #expect(try row.get("organization_bb", as: Int.self) == 3)
            #expect(try row.get("organization_a", as: Int.self) == 1)
        }
    }

    @Test(arguments: [
        PostgresValue.text("a\0b"), .textArray(["fine", "\0"]), .json([123, 0, 125]), .double(.nan),
        .double(.infinity), .numeric(.nan), .array([.null, .text("\0")]), .array([.textArray([])]),
        .array([.bytes([1])]),
    ])
    func `what PostgreSQL cannot hold is refused before it is sent`(value: PostgresValue) async throws {
        try await Fixture.with { fixture in
            let error = await failure {
                _ = try await fixture.database.unscoped.query(Statement("SELECT $1::text", value))
            }
            #expect(error?.kind == .invalidValue)
        }
    }

    @Test func `an escaped NUL inside jsonb is the server's error and says nothing of the value`() async throws {
        try await Fixture.with { fixture in
            let error = await failure {
                _ = try await fixture.database.unscoped.query(
                    Statement("SELECT $1::jsonb", PostgresJSON(#"{"secret\u0000": 1}"#)))
            }
            #expect(error?.sqlState == "22P05")
            #expect(error.map { !"\($0)".contains("secret") } == true)
        }
    }

    @Test func `errors do not quote values but to a debugger`() async throws {
        try await Fixture.with { fixture in
            let error = await failure {
                _ = try await fixture.database.unscoped.query(Statement("SELECT $1::uuid", "hunter2-secret"))
            }
            let found = try #require(error)
            #expect(found.sqlState == "22P02")
            #expect(!"\(found)".contains("hunter2"))
            #expect(String(reflecting: found).contains("hunter2"))
        }
    }
}
