import Foundation
import SpotterDomain
import Testing

@testable import SpotterTenants

struct SecretResolvingTests {
    private static let secret = "canary-4eC39HqLyjWDarjtT1zdp7dc"
    private let environment = ["KEY": Self.secret, "EMPTY": "", "TWO_LINES": "canary\r\nX-Header: 1"]

    /// What a file of this text and mode resolves to.
    private func resolve(file text: String, mode: Int = 0o600) throws -> Secret {
        let folder = try TemporaryFolder(["key": text])
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.file("key"))
        return try #require(try SecretReference.file(folder.file("key")).resolve(environment: [:]))
    }

    @Test func `a variable is found`() throws {
        let secret = try SecretReference.environment("KEY").resolve(environment: environment)
        #expect(secret?.value == Self.secret)
        #expect(secret?.warning == nil)
    }

    @Test(arguments: [SecretReference.environment("ABSENT"), .environment("EMPTY"), .file("/nowhere/key")])
    func `what is not there is an error or nil, as asked`(reference: SecretReference) throws {
        #expect(try reference.resolve(environment: environment, whenAbsent: .isNil) == nil)
        let error = try #require(throws: SpotterError.self) { try reference.resolve(environment: environment) }
        #expect(error.code == .invalid)
        #expect(error.message.contains(reference.description))
    }

    @Test(arguments: ["", "\n", "\r\n"])
    func `the line end of a file is no part of the secret`(end: String) throws {
        #expect(try resolve(file: Self.secret + end).value == Self.secret)
    }

    @Test func `a relative path starts from the folder given`() throws {
        let folder = try TemporaryFolder(["key": Self.secret])
        let secret = try SecretReference.file("key").resolve(environment: [:], relativeTo: folder.path)
        #expect(secret?.value == Self.secret)
    }

    @Test(arguments: [(0o600, false), (0o400, false), (0o640, true), (0o604, true), (0o660, true)])
    func `a file that others can reach is warned about`(mode: Int, isWarned: Bool) throws {
        let secret = try resolve(file: Self.secret, mode: mode)
        #expect(secret.value == Self.secret)
        #expect((secret.warning != nil) == isWarned)
        #expect(secret.warning?.contains("/key ") ?? true)
        #expect(secret.warning?.contains(Self.secret) != true)
    }

    @Test(arguments: ["two\nlines\n", "with\u{0}nul", "\n", String(repeating: "x", count: 65_537)])
    func `a file that holds no key is refused without showing it`(text: String) throws {
        let error = try #require(throws: SpotterError.self) { try resolve(file: text) }
        #expect(!error.message.contains("two") && !error.message.contains("xxx"))
    }

    @Test func `a variable of two lines cannot smuggle a header`() throws {
        let error = try #require(throws: SpotterError.self) {
            try SecretReference.environment("TWO_LINES").resolve(environment: environment)
        }
        #expect(!error.message.contains("canary"))
    }

    @Test func `a folder or a pipe is no file for a key`() throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        for path in [folder.path, folder.file("pipe")] {
            #expect(throws: SpotterError.self) { try SecretReference.file(path).resolve(environment: [:]) }
        }
    }

    @Test func `a secret shows itself to nobody who prints or dumps it`() throws {
        let secret = try #require(try SecretReference.environment("KEY").resolve(environment: environment))
        var dumped = ""
        dump(secret, to: &dumped)
        dump([secret], to: &dumped)
        let printed = "\(secret) \(String(reflecting: secret)) \([secret]) \(dumped)"
        #expect(!printed.contains("canary"))
        #expect(printed.contains("[secret]"))
    }
}
