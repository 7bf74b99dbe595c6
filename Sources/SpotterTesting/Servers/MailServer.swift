import Foundation
import ServiceKit
import SpotterDomain
import Synchronization

/// A real mail server on loopback, aiosmtpd of Debian's package `python3-aiosmtpd`, which keeps what it is sent.
///
/// Some receivers make it misbehave, by what stands before the `@`: `never@` is refused for good, `later@` for now,
/// `full@` when the message is there, and `lost@` closes the connection when it has the whole message.
public final class MailServer: Sendable {
    /// A message as it arrived.
    public struct Mail: Sendable, Decodable {
        /// The sender of the envelope.
        public let sender: String
        /// The receivers of the envelope.
        public let receivers: [String]
        /// The message as it came, without the dots that SMTP adds.
        public let content: String
        /// Its head as the receiver's program reads it, names in lower case.
        public let headers: [String: String]
        /// Its parts as the receiver's program reads them, by their type; attachments by their name.
        public let parts: [String: String]
        /// Whether it came over TLS.
        public let isSecure: Bool
        /// Who logged in.
        public let user: String?
    }

    /// How it wants to be spoken to.
    public struct Options: Sendable {
        /// Offers STARTTLS, or with `isTLSFirst` speaks TLS from the first byte.
        public var certificate: TestCertificate?
        /// TLS from the first byte.
        public var isTLSFirst = false
        /// Asks for a user and a password; nil lets everybody in.
        public var login: (user: String, password: String)?

        /// One that takes everything from everybody.
        public init() {}
    }

    /// Why it did not start.
    public struct NotStarted: Error, CustomStringConvertible {
        /// What to do.
        public let description: String
    }

    /// On 127.0.0.1.
    public let port: Int
    private let process: Subprocess
    private let lifeline: Pipe
    private let isStopped = Atomic(false)
    private let folder: URL
    private let received: URL

    /// Starts a server and waits until it listens.
    public static func start(_ options: Options = Options()) async throws -> MailServer {
        try await withCheckedThrowingContinuation { done in
            Thread.detachNewThread { done.resume(with: Result { try MailServer(options) }) }
        }
    }

    private init(_ options: Options) throws {
        folder = URL.temporaryDirectory.appending(component: "spotter-mail-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        received = folder.appending(component: "mail.jsonl")
        let output = Pipe()
        // The server ends with the test, whatever becomes of it.
        lifeline = Pipe()
        process = try Subprocess(
            [
                "/usr/bin/python3", "-c", Self.program, received.path, options.certificate?.chain ?? "",
                options.certificate?.key ?? "", options.isTLSFirst ? "tls" : "", options.login?.user ?? "",
                options.login?.password ?? "",
            ], input: lifeline.fileHandleForReading.fileDescriptor,
            output: .descriptor(output.fileHandleForWriting.fileDescriptor),
            errors: .file(folder.appending(component: "errors.log").path))
        try output.fileHandleForWriting.close()
        try lifeline.fileHandleForReading.close()
        var line: [UInt8] = []
        while line.last != 10, let byte = try output.fileHandleForReading.read(upToCount: 1)?.first {
            line.append(byte)
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw NotStarted(description: "The mail server did not start: install python3-aiosmtpd (make deps).")
        }
        self.port = port
    }

    deinit { stop() }

    /// Ends the server.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .relaxed) else { return }
        kill(process.processID, SIGKILL)
        _ = process.wait()
        try? FileManager.default.removeItem(at: folder)
    }

    /// What has arrived so far, in its order.
    public var mails: [Mail] {
        get throws {
            guard let text = try? String(contentsOf: received, encoding: .utf8) else { return [] }
            return try text.split(separator: "\n").map {
                try JSONParser.parse(String($0)).decodedUnchecked(as: Mail.self)
            }
        }
    }

    private static let program = """
        import asyncio, email, email.policy, json, os, ssl, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

        place, chain, key, first, user, password = sys.argv[1:7]

        class Keeper:
            async def handle_RCPT(self, server, session, envelope, address, options):
                kind = address.split('@')[0]
                if kind == 'never': return '550 5.1.1 There is nobody of this name'
                if kind == 'later': return '451 4.7.1 Come back later'
                envelope.rcpt_tos.append(address)
                return '250 OK'

            async def handle_DATA(self, server, session, envelope):
                kind = envelope.rcpt_tos[0].split('@')[0]
                if kind == 'lost':
                    server.transport.abort()
                    return '250 nobody hears this'
                if kind == 'full': return '552 5.2.2 The mailbox is full'
                message = email.message_from_bytes(envelope.content, policy=email.policy.default)
                parts = {}
                for part in message.walk():
                    if part.is_multipart(): continue
                    name = part.get_filename() or part.get_content_type()
                    content = part.get_content()
                    parts[name] = content if isinstance(content, str) else content.decode('utf-8', 'replace')
                record = {
                    'sender': envelope.mail_from, 'receivers': envelope.rcpt_tos,
                    'content': envelope.content.decode('ascii'),
                    'headers': {name.lower(): str(value) for name, value in message.items()}, 'parts': parts,
                    'is_secure': session.ssl is not None or first == 'tls',
                    'user': session.auth_data.decode() if session.auth_data else None}
                with open(place, 'a') as file: file.write(json.dumps(record) + '\\n')
                return '250 2.0.0 Ok: queued as ' + str(os.path.getsize(place))

        def authenticate(server, session, envelope, mechanism, data):
            if isinstance(data, LoginPassword) and (data.login, data.password) == (user.encode(), password.encode()):
                return AuthResult(success=True, auth_data=data.login)
            return AuthResult(success=False, handled=False)

        async def main():
            context = None
            if chain:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(chain, key)
            def make():
                return SMTP(
                    Keeper(), hostname='mail.test', tls_context=None if first == 'tls' else context,
                    authenticator=authenticate if user else None, auth_required=bool(user),
                    auth_require_tls=False, decode_data=False)
            loop = asyncio.get_running_loop()
            server = await loop.create_server(make, '127.0.0.1', 0, ssl=context if first == 'tls' else None)
            print(server.sockets[0].getsockname()[1], flush=True)
            await loop.run_in_executor(None, sys.stdin.read)
            os._exit(0)

        asyncio.run(main())
        """
}
