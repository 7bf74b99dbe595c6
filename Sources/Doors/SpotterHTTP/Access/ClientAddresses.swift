import Foundation
import HTTPServerKit
import SpotterDomain

/// Whose word is taken on where requests come from: addresses and networks of proxies.
public struct TrustedProxies: Sendable, Hashable {
    private let networks: [AddressNetwork]

    /// Nobody's.
    public static let none = TrustedProxies(networks: [])

    private init(networks: [AddressNetwork]) { self.networks = networks }

    /// Reads addresses and networks with commas between them, such as `10.0.0.1, 192.168.0.0/16, 2001:db8::/32`.
    ///
    /// - Throws: `invalid`, with the one that is neither.
    public init(_ text: String) throws {
        networks = try text.split(separator: ",").map { part in
            let part = part.trimmingCharacters(in: .whitespaces)
            guard let network = AddressNetwork(part) else {
                throw SpotterError(
                    .invalid,
                    "SPOTTER_TRUSTED_PROXIES must be addresses or networks of proxies with commas between them, such as "
                        + "10.0.0.1,192.168.0.0/16; \(part.prefix(100)) is neither.")
            }
            return network
        }
    }

    func contains(_ address: NetworkAddress) -> Bool { networks.contains { $0.contains(address) } }
}

/// Finds out from where a request comes.
struct ClientAddresses: Sendable {
    let trusted: TrustedProxies

    /// The address as a bucket's key: an IPv6 address stands for its network of 64 bits, which one customer has whole.
    func key(of request: HTTPRequest) -> String {
        guard let peer = NetworkAddress(request.remoteAddress) else { return request.remoteAddress }
        return Self.key(of: client(of: request.headers, from: peer))
    }

    /// The last address, as seen from here, that is none of the proxies'.
    ///
    /// A proxy that writes one of the two fields may pass on the other as a stranger wrote it. So where both are there and
    /// do not agree, neither is believed, and what counts is the proxy.
    private func client(of headers: HTTPHeaders, from peer: NetworkAddress) -> NetworkAddress {
        guard trusted.contains(peer) else { return peer }
        let common = headers.values(of: "x-forwarded-for")
        let standard = headers.values(of: "forwarded")
        let answers = [
            common.isEmpty ? nil : client(behind: peer, ForwardedHops.xForwardedFor(common)),
            standard.isEmpty ? nil : client(behind: peer, ForwardedHops.forwarded(standard)),
        ].compactMap(\.self)
        guard let first = answers.first, answers.allSatisfy({ $0 == first }) else { return peer }
        return first
    }

    /// From the right: what the nearest proxies wrote. What is left of a stranger's word is the stranger's, and what stands
    /// left of something that is no address was written by nobody knows whom.
    private func client(behind peer: NetworkAddress, _ hops: [NetworkAddress?]) -> NetworkAddress {
        var nearest = peer
        for hop in hops.reversed() {
            guard let hop else { return nearest }
            guard trusted.contains(hop) else { return hop }
            nearest = hop
        }
        return nearest
    }

    static func key(of address: String) -> String { NetworkAddress(address).map(key) ?? address }

    private static func key(of address: NetworkAddress) -> String {
        guard address.bytes.count == 16 else { return address.bytes.map(String.init).joined(separator: ".") }
        return address.bytes.prefix(8).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined() + "::/64"
    }
}
