import CLibcurl
import Foundation
import Synchronization

/// One message on its way to one server.
///
/// `@unchecked Sendable`: everything mutable belongs to the thread that calls `run()`, once; `cancel()` touches the
/// atomic flag alone.
final class SMTPExchange: @unchecked Sendable {
    private let server: SMTPServer
    private let sender: EmailAddress
    private let receivers: [EmailAddress]
    private let content: [UInt8]
    private var position = 0
    /// The end of the message was given to curl, which says to the server that it was all.
    private var isSent = false
    private var lastReply = ""
    /// A refusal stays the last word: what is said to a good-bye is of no interest.
    private var isRefused = false
    private let isCancelled = Atomic<Bool>(false)

    /// Once in the life of the process; curl counts how often.
    private static let isReady: Bool = {
        // With signals off curl leaves SIGPIPE to us, and a server that closes must not end the process.
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()

    init(server: SMTPServer, sender: EmailAddress, receivers: [EmailAddress], content: [UInt8]) {
        self.server = server
        self.sender = sender
        self.receivers = receivers
        self.content = content
    }

    func cancel() { isCancelled.store(true, ordering: .relaxed) }

    /// Blocks until the server has the message, or does not. Returns its last reply.
    func run() -> Result<String, SMTPError> {
        guard Self.isReady, let easy = curl_easy_init() else { return .failure(.unreachable("memory ran out")) }
        defer { curl_easy_cleanup(easy) }
        var list: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(list) }
        for receiver in receivers { list = curl_slist_append(list, "<\(receiver)>") ?? list }
        guard configure(easy), shim_curl_set_list(easy, CURLOPT_MAIL_RCPT, list) == CURLE_OK else {
            return .failure(.invalid("libcurl does not know an option that is needed"))
        }
        let code = curl_easy_perform(easy)
        guard code != CURLE_OK else { return .success(lastReply) }
        var status = 0
        _ = shim_curl_get_long(easy, CURLINFO_RESPONSE_CODE, &status)
        let wasCancelled = isCancelled.load(ordering: .relaxed)
        return .failure(
            SMTPError(code, status: status, reply: lastReply, isSent: isSent, isCancelled: wasCancelled))
    }

    private func configure(_ easy: UnsafeMutableRawPointer) -> Bool {
        let this = Unmanaged.passUnretained(self).toOpaque()
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        let scheme = server.security == .tls ? "smtps" : "smtp"
        var codes = [
            shim_curl_set_string(
                easy, CURLOPT_URL, "\(scheme)://\(host):\(server.port)/\(server.helloName ?? sender.domain)"),
            shim_curl_set_string(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            shim_curl_set_string(easy, CURLOPT_PROXY, ""),
            shim_curl_set_long(easy, CURLOPT_USE_SSL, Int(wantedTLS.rawValue)),
            shim_curl_set_long(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2),
            shim_curl_set_long(easy, CURLOPT_NOSIGNAL, 1),
            shim_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, Self.milliseconds(server.connectTimeout)),
            shim_curl_set_long(easy, CURLOPT_TIMEOUT_MS, Self.milliseconds(server.deadline)),
            // Bounds the good-bye, which no deadline does.
            shim_curl_set_long(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, 30),
            shim_curl_set_string(easy, CURLOPT_MAIL_FROM, "<\(sender)>"),
            shim_curl_set_long(easy, CURLOPT_UPLOAD, 1),
            shim_curl_set_read(easy, readCallback), shim_curl_set_pointer(easy, CURLOPT_READDATA, this),
            shim_curl_set_write(easy, CURLOPT_HEADERFUNCTION, replyCallback),
            shim_curl_set_pointer(easy, CURLOPT_HEADERDATA, this),
            shim_curl_set_write(easy, CURLOPT_WRITEFUNCTION, replyCallback),
            shim_curl_set_pointer(easy, CURLOPT_WRITEDATA, this),
            shim_curl_set_long(easy, CURLOPT_NOPROGRESS, 0),
            shim_curl_set_progress(easy, progressCallback), shim_curl_set_pointer(easy, CURLOPT_XFERINFODATA, this),
        ]
        if let credentials = server.credentials {
            codes.append(shim_curl_set_string(easy, CURLOPT_USERNAME, credentials.username))
            codes.append(shim_curl_set_string(easy, CURLOPT_PASSWORD, credentials.password))
        }
        if let file = server.certificateAuthorityFile { codes.append(shim_curl_set_string(easy, CURLOPT_CAINFO, file)) }
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    private var wantedTLS: curl_usessl { server.security == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL }

    private static func milliseconds(_ duration: Duration) -> Int {
        max(1, Int(min(duration, .seconds(86_400)) / .milliseconds(1)))
    }

    // MARK: Called by curl

    fileprivate func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard !isCancelled.load(ordering: .relaxed) else { return Int(CURL_READFUNC_ABORT) }
        let part = content[position...].prefix(buffer.count)
        buffer.copyBytes(from: part)
        position += part.count
        // curl asks again only when what it had is out, and then says to the server that it was all. (With the size
        // known beforehand it would not ask.)
        if part.isEmpty { isSent = true }
        return part.count
    }

    fileprivate func receive(reply: UnsafeRawBufferPointer) {
        guard !isRefused else { return }
        isRefused = reply.first == UInt8(ascii: "4") || reply.first == UInt8(ascii: "5")
        lastReply = String(
            decoding: reply.filter { (0x20...0x7E).contains($0) }.dropFirst(4).prefix(300), as: UTF8.self)
    }

    /// Once the whole message is out, cancelling would only hide what became of it: the answer is waited for.
    fileprivate var isToEnd: Bool { isCancelled.load(ordering: .relaxed) && !isSent }
}

private let readCallback: curl_read_callback = { bytes, size, count, argument in
    guard let bytes, let argument else { return Int(CURL_READFUNC_ABORT) }
    let exchange = Unmanaged<SMTPExchange>.fromOpaque(argument).takeUnretainedValue()
    return exchange.read(into: UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
}

private let replyCallback: curl_write_callback = { bytes, size, count, argument in
    guard let bytes, let argument else { return 0 }
    let exchange = Unmanaged<SMTPExchange>.fromOpaque(argument).takeUnretainedValue()
    exchange.receive(reply: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return size * count
}

private let progressCallback: curl_xferinfo_callback = { argument, _, _, _, _ in
    guard let argument else { return 1 }
    return Unmanaged<SMTPExchange>.fromOpaque(argument).takeUnretainedValue().isToEnd ? 1 : 0
}
