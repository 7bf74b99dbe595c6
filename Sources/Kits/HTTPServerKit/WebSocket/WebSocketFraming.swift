internal import CWslay

/// Frames of one server-side WebSocket: bytes in, messages out, and the reverse. wslay does the work.
///
/// Pure: it holds no socket and no clock. It answers pings and Close by itself; a violation of the protocol queues the
/// Close that RFC 6455 asks for, after which nothing more is read. How the bytes were cut changes nothing.
package final class WebSocketFraming {
    /// What came from the peer.
    package enum Event: Equatable {
        /// A whole message of UTF-8 text.
        case text(String)
        /// The peer asked for a pong, which is queued, or gave one.
        case signOfLife
        /// The peer closes, with its code: 1005 when it gave none.
        case close(UInt16)
    }

    private var context: wslay_event_context_ptr?
    private var input = UnsafeRawBufferPointer(start: nil, count: 0)
    private var events: [Event] = []
    private var output: [UInt8] = []
    private var isRefused = false

    /// - Parameter maximumMessageBytes: longer messages are refused with 1009.
    package init(maximumMessageBytes: Int) {
        var callbacks = Self.callbacks
        let owner = Unmanaged.passUnretained(self).toOpaque()
        // Without memory there is no context, and the connection counts as broken from the start.
        guard wslay_event_context_server_init(&context, &callbacks, owner) == 0, let context else { return }
        wslay_event_config_set_max_recv_msg_length(context, UInt64(maximumMessageBytes))
    }

    deinit { if let context { wslay_event_context_free(context) } }

    /// Whether more is read.
    package var isReading: Bool { context.map { wslay_event_get_read_enabled($0) != 0 } ?? false }
    /// Whether messages can still be sent.
    package private(set) var isClosing = false
    /// Whether both sides have said Close.
    package var isClosed: Bool {
        guard let context else { return true }
        return wslay_event_get_close_received(context) != 0 && wslay_event_get_close_sent(context) != 0
    }
    /// The code of the Close that was sent; nil when none was.
    package var codeSent: UInt16? {
        guard let context, wslay_event_get_close_sent(context) != 0 else { return nil }
        return wslay_event_get_status_code_sent(context)
    }

    /// Reads frames, as many as are there.
    package func receive(_ bytes: UnsafeRawBufferPointer) -> [Event] {
        guard let context, isReading else { return [] }
        input = bytes
        let code = wslay_event_recv(context)
        input = UnsafeRawBufferPointer(start: nil, count: 0)
        if code != 0 { abandon() }
        flush()
        // A violation was answered with Close by wslay itself.
        if !isReading { isClosing = true }
        defer { events = [] }
        return events
    }

    /// Sends a message; ignored once this side has said Close.
    package func send(_ text: String) {
        var text = text
        text.withUTF8 { queue(WSLAY_TEXT_FRAME, $0) }
    }

    /// Asks for a sign of life.
    package func ping() { queue(WSLAY_PING, UnsafeBufferPointer(start: nil, count: 0)) }

    /// Says Close, once; what the peer still sends is read.
    package func close(_ closure: WebSocketClosure) {
        guard let context, !isClosing else { return }
        isClosing = true
        // At most 123 bytes, and no half character.
        var reason = Substring(closure.reason)
        while reason.utf8.count > 122 { reason.removeLast() }
        let bytes = Array(reason.utf8)
        if wslay_event_queue_close(context, closure.code, bytes, bytes.count) != 0 { abandon() }
        flush()
    }

    /// What is to be written to the socket.
    package func takeOutput() -> [UInt8] {
        defer { output = [] }
        return output
    }

    private func queue(_ opcode: wslay_opcode, _ bytes: UnsafeBufferPointer<UInt8>) {
        guard let context, !isClosing else { return }
        var message = wslay_event_msg(
            opcode: UInt8(opcode.rawValue), msg: bytes.baseAddress, msg_length: bytes.count)
        if wslay_event_queue_msg(context, &message) != 0 { abandon() }
        flush()
    }

    private func flush() {
        if let context, wslay_event_want_write(context) != 0, wslay_event_send(context) != 0 { abandon() }
    }

    /// wslay can go on no more: out of memory.
    private func abandon() {
        isClosing = true
        if let context { wslay_event_shutdown_read(context) }
    }

    // MARK: Callbacks

    /// A Close has a code of two bytes or none (RFC 6455, 5.5.1); wslay takes half a code for none.
    private func check(_ frame: wslay_event_on_frame_recv_start_arg) {
        guard wslay_opcode(UInt32(frame.opcode)) == WSLAY_CONNECTION_CLOSE, frame.payload_length == 1 else { return }
        refuse(WebSocketClosure(1002))
    }

    private func take(_ message: wslay_event_on_msg_recv_arg) {
        guard !isRefused else { return }
        switch wslay_opcode(UInt32(message.opcode)) {
        case WSLAY_TEXT_FRAME:
            let bytes = UnsafeBufferPointer(start: message.msg, count: message.msg_length)
            // Checked by wslay: otherwise it closes with 1007.
            events.append(.text(String(decoding: bytes, as: UTF8.self)))
        case WSLAY_PING, WSLAY_PONG: events.append(.signOfLife)
        case WSLAY_CONNECTION_CLOSE:
            isClosing = true
            events.append(.close(message.status_code == 0 ? 1005 : message.status_code))
        default: refuse(.notText)
        }
    }

    /// Closes for good: nothing more is read.
    private func refuse(_ closure: WebSocketClosure) {
        isRefused = true
        guard let context, !isClosing else { return }
        isClosing = true
        let reason = Array(closure.reason.utf8)
        _ = wslay_event_queue_close(context, closure.code, reason, reason.count)
        wslay_event_shutdown_read(context)
    }

    private func read(into buffer: UnsafeMutablePointer<UInt8>, atMost count: Int) -> Int {
        let count = min(count, input.count)
        guard count > 0, let start = input.baseAddress else { return 0 }
        UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: count)
        input = UnsafeRawBufferPointer(rebasing: input[count...])
        return count
    }

    private static func owner(_ data: UnsafeMutableRawPointer?) -> WebSocketFraming? {
        data.map { Unmanaged<WebSocketFraming>.fromOpaque($0).takeUnretainedValue() }
    }

    private static var callbacks: wslay_event_callbacks {
        var callbacks = wslay_event_callbacks()
        callbacks.recv_callback = { context, buffer, count, _, data in
            guard let buffer, let read = WebSocketFraming.owner(data)?.read(into: buffer, atMost: count), read > 0
            else {
                wslay_event_set_error(context, Int32(WSLAY_ERR_WOULDBLOCK.rawValue))
                return -1
            }
            return read
        }
        callbacks.send_callback = { context, bytes, count, _, data in
            guard let bytes, let owner = WebSocketFraming.owner(data) else {
                wslay_event_set_error(context, Int32(WSLAY_ERR_CALLBACK_FAILURE.rawValue))
                return -1
            }
            owner.output.append(contentsOf: UnsafeBufferPointer(start: bytes, count: count))
            return count
        }
        callbacks.on_frame_recv_start_callback = { _, frame, data in
            if let frame { WebSocketFraming.owner(data)?.check(frame.pointee) }
        }
        callbacks.on_msg_recv_callback = { _, message, data in
            if let message { WebSocketFraming.owner(data)?.take(message.pointee) }
        }
        return callbacks
    }
}
