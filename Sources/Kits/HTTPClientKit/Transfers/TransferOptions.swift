import CLibcurl

/// Sets up an easy handle for a request: what may be sent, to whom, for how long.
struct TransferOptions {
    private let request: OutgoingRequest
    private let configuration: HTTPClient.Configuration

    init(_ request: OutgoingRequest, _ configuration: HTTPClient.Configuration) {
        self.request = request
        self.configuration = configuration
    }

    /// - Parameters:
    ///   - easy: a fresh handle.
    ///   - transfer: the unretained `Transfer` that curl's callbacks get.
    /// - Returns: lists that curl reads; they must live as long as the handle.
    func apply(
        to easy: UnsafeMutableRawPointer, transfer: UnsafeMutableRawPointer
    ) throws(HTTPClientError) -> [UnsafeMutablePointer<curl_slist>] {
        let handle = EasyHandle(easy)
        try applyTarget(handle)
        try applyTimes(handle)
        try applyMethod(handle)
        try applyCallbacks(handle, transfer)
        var lists: [UnsafeMutablePointer<curl_slist>] = []
        for (option, lines) in [(CURLOPT_HTTPHEADER, headerLines()), (CURLOPT_RESOLVE, resolvedNames())]
        where !lines.isEmpty {
            do throws(HTTPClientError) {
                lists.append(try Self.list(of: lines))
                guard shim_curl_set_list(easy, option, lists.last) == CURLE_OK else { throw .outOfMemory }
            } catch {
                for list in lists { curl_slist_free_all(list) }
                throw error
            }
        }
        return lists
    }

    /// Only http and https, straight to the host: no redirect, no proxy of the environment, no user in the URL.
    private func applyTarget(_ handle: EasyHandle) throws(HTTPClientError) {
        try handle.set(CURLOPT_URL, request.url)
        try handle.set(CURLOPT_PROTOCOLS_STR, request.allowsPlainHTTP ? "http,https" : "https")
        try handle.set(CURLOPT_REDIR_PROTOCOLS_STR, "https")
        try handle.set(CURLOPT_FOLLOWLOCATION, 0)
        try handle.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        try handle.set(CURLOPT_PROXY, "")
        let version = configuration.allowsHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1
        try handle.set(CURLOPT_HTTP_VERSION, version)
        try handle.set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        if let file = configuration.certificateAuthorityFile { try handle.set(CURLOPT_CAINFO, file) }
        if !request.reusesConnection {
            try handle.set(CURLOPT_FRESH_CONNECT, 1)
            try handle.set(CURLOPT_FORBID_REUSE, 1)
        }
        if request.acceptsCompression { try handle.set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate") }
    }

    private func applyTimes(_ handle: EasyHandle) throws(HTTPClientError) {
        try handle.set(CURLOPT_NOSIGNAL, 1)
        // A transfer keeps its buffer while it waits for the first byte, and most answers come in small pieces.
        try handle.set(CURLOPT_BUFFERSIZE, 2_048)
        // A cancelled transfer must not wait for a name server: its resolver thread is left to end by itself.
        try handle.set(CURLOPT_QUICK_EXIT, 1)
        try handle.set(CURLOPT_TCP_KEEPALIVE, 1)
        try handle.set(CURLOPT_TCP_KEEPIDLE, 60)
        try handle.set(CURLOPT_TCP_KEEPINTVL, 15)
        try handle.set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.clampedMilliseconds)
        try handle.set(CURLOPT_TIMEOUT_MS, request.deadline.clampedMilliseconds)
        if let rate = request.minimumRate {
            try handle.set(CURLOPT_LOW_SPEED_LIMIT, rate.bytesPerSecond)
            try handle.set(CURLOPT_LOW_SPEED_TIME, rate.period)
        }
        guard !request.truncatesBody else { return }
        guard
            shim_curl_set_offset(handle.easy, CURLOPT_MAXFILESIZE_LARGE, Int(max(request.responseByteLimit, 1)))
                == CURLE_OK
        else { throw .outOfMemory }
    }

    private func applyMethod(_ handle: EasyHandle) throws(HTTPClientError) {
        if request.method == "HEAD" { return try handle.set(CURLOPT_NOBODY, 1) }
        let sendsBody = request.body != nil || ["POST", "PUT", "PATCH"].contains(request.method)
        if sendsBody {
            let body = request.body ?? []
            guard shim_curl_set_offset(handle.easy, CURLOPT_POSTFIELDSIZE_LARGE, body.count) == CURLE_OK else {
                throw .outOfMemory
            }
            // One byte more, so that an empty body has an address too; curl copies as many as the size says.
            var bytes = body + [0]
            let code = bytes.withUnsafeMutableBytes {
                shim_curl_set_pointer(handle.easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)
            }
            guard code == CURLE_OK else { throw .outOfMemory }
        }
        if request.method != "GET" || sendsBody { try handle.set(CURLOPT_CUSTOMREQUEST, request.method) }
    }

    private func applyCallbacks(
        _ handle: EasyHandle, _ transfer: UnsafeMutableRawPointer
    ) throws(HTTPClientError) {
        let codes = [
            shim_curl_set_write(handle.easy, CURLOPT_WRITEFUNCTION, bodyCallback),
            shim_curl_set_pointer(handle.easy, CURLOPT_WRITEDATA, transfer),
            shim_curl_set_write(handle.easy, CURLOPT_HEADERFUNCTION, headerCallback),
            shim_curl_set_pointer(handle.easy, CURLOPT_HEADERDATA, transfer),
            shim_curl_set_open_socket(handle.easy, openSocketCallback),
            shim_curl_set_pointer(handle.easy, CURLOPT_OPENSOCKETDATA, transfer),
        ]
        guard codes.allSatisfy({ $0 == CURLE_OK }) else { throw .outOfMemory }
    }

    /// curl's own `Expect` and form `Content-Type` are switched off. `Name;` is its way to write an empty value.
    private func headerLines() -> [String] {
        var lines = ["Expect:"]
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        for field in request.headers.fields {
            let value = field.value.trimmingSpaces
            lines.append(value.isEmpty ? "\(field.name);" : "\(field.name): \(value)")
        }
        return lines
    }

    /// The client's own answer to what the host's addresses are. The plus lets it grow old like any other answer.
    private func resolvedNames() -> [String] {
        guard let resolver = configuration.resolver, let target = try? WebAddress(request.url) else { return [] }
        let addresses = resolver(target.host, target.port)
        guard !addresses.isEmpty else { return [] }
        return ["+\(target.host):\(target.port):\(addresses.joined(separator: ","))"]
    }

    private static func list(of lines: [String]) throws(HTTPClientError) -> UnsafeMutablePointer<curl_slist> {
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                curl_slist_free_all(list)
                throw .outOfMemory
            }
            list = longer
        }
        guard let list else { throw .outOfMemory }
        return list
    }
}

/// Sets options and turns refusals into errors.
private struct EasyHandle {
    let easy: UnsafeMutableRawPointer

    init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

    func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
        try check(shim_curl_set_long(easy, option, value))
    }

    func set(_ option: CURLoption, _ value: String) throws(HTTPClientError) {
        try check(shim_curl_set_string(easy, option, value))
    }

    private func check(_ code: CURLcode) throws(HTTPClientError) {
        guard code == CURLE_OK else {
            throw code == CURLE_OUT_OF_MEMORY
                ? .outOfMemory : .invalidRequest("libcurl does not know an option that is needed")
        }
    }
}

extension Duration {
    /// Milliseconds, at least 1 (for curl 0 means no limit), at most what a 32-bit number holds.
    var clampedMilliseconds: Int {
        let (seconds, attoseconds) = components
        guard seconds < 2_000_000 else { return 2_000_000_000 }
        return max(1, Int(seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    var trimmingSpaces: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
