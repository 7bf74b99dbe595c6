import Foundation

/// Names, addresses and listening sockets.
enum SocketAddress {
    /// The IP address in text, without a port; an IPv4 address mapped into IPv6 is written as IPv4.
    static func text(_ storage: sockaddr_storage) -> String {
        var storage = storage
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let length = socklen_t(
            storage.ss_family == sa_family_t(AF_INET6)
                ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
        let code = withUnsafePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard code == 0 else { return "" }
        let bytes = host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let text = String(decoding: bytes, as: UTF8.self)
        return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
    }

    /// A socket that listens on `host` and `port`, one of several that share the port.
    ///
    /// - Parameter isFirst: nobody else may listen there yet. Without looking, another server of the same user would
    ///   let us in, and each would get some of the other's requests.
    /// - Returns: the socket and the port it got.
    static func listen(host: String, port: Int, isFirst: Bool) throws -> (fileDescriptor: Int32, port: Int) {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host.isEmpty ? nil : host, String(port), &hints, &found)
        guard code == 0, let address = found else {
            throw HTTPServerError("\(host) is no address to listen on: \(String(cString: gai_strerror(code)))")
        }
        defer { freeaddrinfo(found) }
        if isFirst, port != 0 { close(try bound(to: address.pointee, isShared: false, "\(host) port \(port)")) }
        let descriptor = try bound(to: address.pointee, isShared: true, "\(host) port \(port)")
        do {
            // Accepted sockets inherit it: answers are gathered here, not in the kernel.
            try setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
            guard Foundation.listen(descriptor, 4096) == 0 else {
                throw HTTPServerError.system("cannot listen on \(host) port \(port)")
            }
            return (descriptor, try boundPort(descriptor))
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func bound(to address: addrinfo, isShared: Bool, _ place: String) throws -> Int32 {
        let flags = Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(address.ai_family, Int32(SOCK_STREAM.rawValue) | flags, 0)
        guard descriptor >= 0 else { throw HTTPServerError.system("no socket to listen on") }
        do {
            try setOption(descriptor, SOL_SOCKET, SO_REUSEADDR)
            if isShared { try setOption(descriptor, SOL_SOCKET, SO_REUSEPORT) }
            guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0 else {
                throw HTTPServerError.system("cannot listen on \(place)")
            }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32) throws {
        var on: Int32 = 1
        guard setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<Int32>.size)) == 0 else {
            throw HTTPServerError.system("cannot set up the listening socket")
        }
    }

    private static func boundPort(_ descriptor: Int32) throws -> Int {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let port: UInt16? = withUnsafeMutablePointer(to: &storage) { pointer in
            let code = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &length)
            }
            guard code == 0 else { return nil }
            // The port stands at the same place for both families.
            return pointer.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                UInt16(bigEndian: $0.pointee.sin_port)
            }
        }
        guard let port else { throw HTTPServerError.system("the listening socket has no address") }
        return Int(port)
    }
}
