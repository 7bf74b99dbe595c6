import CLibcurl
import Foundation

// What curl calls. Each runs on the loop's thread, inside a call of the loop's into curl.

let bodyCallback: curl_write_callback = { bytes, size, count, argument in
    guard let bytes, let argument else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(argument).takeUnretainedValue()
    switch transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count)) {
    case .accepted: return size * count
    case .pause: return Int(CURL_WRITEFUNC_PAUSE)
    // Any other number than that of the bytes ends the transfer; the callback is never called with none.
    case .tooLarge: return 0
    }
}

let headerCallback: curl_write_callback = { bytes, size, count, argument in
    guard let bytes, let argument else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(argument).takeUnretainedValue()
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer.receive(headerLine: line) ? size * count : 0
}

/// The last gate before a connection: the address is known, nothing was sent to it.
let openSocketCallback: curl_opensocket_callback = { argument, _, address in
    guard let argument, let address else { return CURL_SOCKET_BAD }
    let transfer = Unmanaged<Transfer>.fromOpaque(argument).takeUnretainedValue()
    guard let offset = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return CURL_SOCKET_BAD }
    let remote = RemoteAddress(
        UnsafeRawPointer(address) + offset, family: address.pointee.family, length: Int(address.pointee.addrlen))
    guard transfer.allows(remote) else { return CURL_SOCKET_BAD }
    // Not to be inherited by programs that the process starts.
    let flags = Int32(SOCK_CLOEXEC.rawValue)
    return socket(address.pointee.family, address.pointee.socktype | flags, address.pointee.protocol)
}

let socketCallback: curl_socket_callback = { _, socket, what, argument, _ in
    guard let argument else { return -1 }
    Unmanaged<TransferLoop>.fromOpaque(argument).takeUnretainedValue().watch(socket, for: what)
    return 0
}

let timerCallback: curl_multi_timer_callback = { _, milliseconds, argument in
    guard let argument else { return -1 }
    Unmanaged<TransferLoop>.fromOpaque(argument).takeUnretainedValue().setTimer(milliseconds)
    return 0
}
