import CLibcurl
import EventLoopKit

/// The transfers of one client on one loop: a curl multi handle driven by the loop's sockets and timers.
///
/// `@unchecked Sendable`: everything mutable is touched on the loop's thread alone (`run` hops there).
final class TransferLoop: @unchecked Sendable {
    let loop: EventLoop
    let configuration: HTTPClient.Configuration
    private var multi: UnsafeMutableRawPointer?
    private var timer: LoopTimer?
    private var watchers: [curl_socket_t: FileDescriptorWatcher] = [:]
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]
    private var isClosed = false
    /// How many calls into curl are on the stack: curl must not be asked to drop a transfer from inside a callback.
    private var depth = 0

    init(loop: EventLoop, configuration: HTTPClient.Configuration) {
        self.loop = loop
        self.configuration = configuration
    }

    /// Runs `work` on the loop's thread: at once if the caller is there.
    func run(_ work: @escaping @Sendable () -> Void) {
        if loop.isCurrent, depth == 0 { work() } else { loop.execute(work) }
    }

    /// Gives a transfer to curl.
    func add(_ transfer: Transfer, _ easy: UnsafeMutableRawPointer) throws(HTTPClientError) {
        guard !isClosed else { throw .shutDown }
        let multi = try openMulti()
        transfers[easy] = transfer
        guard entering({ curl_multi_add_handle(multi, easy) }) == CURLM_OK else { throw .outOfMemory }
    }

    /// Takes a transfer from curl, whether it has ended or not, and tells it so. Harmless when repeated.
    func finish(_ transfer: Transfer, _ result: Result<Void, HTTPClientError>, discarding: Bool) {
        if let easy = transfer.easy, transfers.removeValue(forKey: easy) != nil, let multi {
            _ = entering { curl_multi_remove_handle(multi, easy) }
        }
        transfer.finished(result, discarding: discarding)
    }

    /// Ends every transfer and every connection for good.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        for transfer in Array(transfers.values) { finish(transfer, .failure(.shutDown), discarding: true) }
        if let multi { _ = entering { curl_multi_cleanup(multi) } }
        multi = nil
        timer?.cancel()
        timer = nil
        for watcher in watchers.values { watcher.cancel() }
        watchers = [:]
    }

    /// Marks a call into curl.
    func entering<Result>(_ work: () -> Result) -> Result {
        depth += 1
        defer { depth -= 1 }
        return work()
    }

    private func openMulti() throws(HTTPClientError) -> UnsafeMutableRawPointer {
        if let multi { return multi }
        guard CurlLibrary.isReady, let multi = curl_multi_init() else { throw .outOfMemory }
        let this = Unmanaged.passUnretained(self).toOpaque()
        let codes = [
            shim_curl_multi_set_socket(multi, socketCallback),
            shim_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, this),
            shim_curl_multi_set_timer(multi, timerCallback),
            shim_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, this),
            shim_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.maximumIdleConnections),
            shim_curl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.maximumConnections),
        ]
        guard codes.allSatisfy({ $0 == CURLM_OK }) else {
            curl_multi_cleanup(multi)
            throw .outOfMemory
        }
        self.multi = multi
        return multi
    }

    // MARK: Driving curl

    func watch(_ socket: curl_socket_t, for what: Int32) {
        guard what != CURL_POLL_REMOVE else {
            watchers.removeValue(forKey: socket)?.cancel()
            return
        }
        let watcher =
            watchers[socket]
            ?? FileDescriptorWatcher(loop: loop, fileDescriptor: socket) { [unowned self] readiness in
                var flags: Int32 = 0
                if readiness.contains(.read) { flags |= CURL_CSELECT_IN }
                if readiness.contains(.write) { flags |= CURL_CSELECT_OUT }
                act(socket, flags)
            }
        watchers[socket] = watcher
        var interest: FileDescriptorWatcher.Readiness = []
        if what & CURL_POLL_IN != 0 { interest.insert(.read) }
        if what & CURL_POLL_OUT != 0 { interest.insert(.write) }
        watcher.watch(for: interest)
    }

    func setTimer(_ milliseconds: Int) {
        guard milliseconds >= 0 else {
            timer?.pause()
            return
        }
        if let timer {
            timer.restart(after: .milliseconds(milliseconds))
        } else {
            timer = loop.schedule(after: .milliseconds(milliseconds)) { [unowned self] in
                act(CURL_SOCKET_TIMEOUT, 0)
            }
        }
    }

    private func act(_ socket: curl_socket_t, _ flags: Int32) {
        guard let multi else { return }
        var running: Int32 = 0
        _ = entering { curl_multi_socket_action(multi, socket, flags, &running) }
        collectEnded()
    }

    private func collectEnded() {
        var left: Int32 = 0
        while let multi, let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = transfers[easy]
            else { continue }
            finish(transfer, transfer.result(of: message.pointee.data.result), discarding: false)
        }
    }
}
