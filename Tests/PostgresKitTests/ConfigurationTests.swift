import Foundation
import PostgresKit
import Testing

struct ConfigurationTests {
    @Test func `a URL is read into its parts`() throws {
        let configuration = try PostgresConfiguration(
            url: "postgres://ann:s%23cret@db.example:6432/gym?sslmode=require")
        #expect(configuration.user == "ann")
        #expect(configuration.host == "db.example")
        #expect(configuration.port == 6432)
        #expect(configuration.database == "gym")
    }

    @Test func `a folder of a unix socket may be the host`() throws {
        let configuration = try PostgresConfiguration(url: "postgresql://ann@/gym?host=%2Frun%2Fa%20b&port=5433")
        #expect(configuration.host == "/run/a b")
        #expect(configuration.port == 5433)
    }

    @Test(arguments: [
        "", "gym", "mysql://ann@host/gym", "postgres://ann:pass%ZZ@host/gym", "postgres://ann@host/gym?unheard=of",
        "postgres://ann:pass@[::1/gym", "host=a password=hunter2-secret", "postgres://ann:hunter2-secret@host/%00",
    ])
    func `a malformed URL is refused without being quoted`(url: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: url) }
        #expect(error?.kind == .invalidConfiguration)
        #expect(error.map { String(reflecting: $0).contains("hunter2") } == false)
    }

    @Test func `the password appears in no description and no reflection`() throws {
        let configuration = try PostgresConfiguration(url: "postgres://ann:hunter2-secret@host/gym")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("hunter2"))
        }
        dumped = ""
        dump(configuration.replacing(password: "another-secret"), to: &dumped)
        #expect(!dumped.contains("another-secret"))
    }
}
