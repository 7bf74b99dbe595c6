import ServiceKit
import Synchronization
import Testing

struct RedactionTests {
    private final class Lines: Sendable {
        let text = Mutex("")
    }

    private let lines = Lines()
    private let log: Log

    init() {
        let lines = lines
        log = Log(level: .debug) { line in lines.text.withLock { $0 += line } }
    }

    private var text: String { lines.text.withLock(\.self) }

    @Test func `a secret is in no message, name or value`() {
        log.redact("sk-canary-1")
        log.with("sk-canary-1", "x").warning("got sk-canary-1sk-canary-1", ["a": "<sk-canary-1>", "sk-canary-1": "b"])
        #expect(!text.contains("canary"))
        #expect(text.contains("got [redacted][redacted]"))
        #expect(text.contains("\"a\":\"<[redacted]>\""))
        #expect(text.contains("\"[redacted]\":\"b\""))
    }

    @Test func `the longest of several that begin alike is taken out`() {
        for secret in ["sk-canary", "sk-canary-long", "sk-canary-longer", "sk-canary"] { log.redact(secret) }
        log.info("sk-canary-longer sk-canary-long sk-canary-lo sk-cana")
        #expect(text.contains("\"[redacted] [redacted] [redacted]-lo sk-cana\""))
    }

    @Test func `a secret with quotes and backslashes is found as it is written`() {
        log.redact(#"pass"wo\rd-1"#)
        log.info("x", ["cause": #"refused pass"wo\rd-1!"#])
        #expect(text.contains("\"refused [redacted]!\""))
    }

    @Test func `letters of every alphabet stay whole around a secret, and short words stay`() {
        log.redact("sécret-ключ")
        log.redact("short")
        log.info("é sécret-ключ ж short")
        #expect(text.contains("\"é [redacted] ж short\""))
    }

    @Test func `ten thousand secrets are all hidden`() {
        for number in 0..<10_000 { log.redact("key-\(number)-secret") }
        log.info("key-0-secret key-9999-secret key-10000-secret")
        #expect(text.contains("\"[redacted] [redacted] key-10000-secret\""))
    }
}
