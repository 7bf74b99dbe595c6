import HTTPServerKit
import Testing

/// Addresses, networks of them, and what proxies write of them.
struct AddressTests {
    @Test(
        arguments: [
            ("10.0.0.1", [10, 0, 0, 1]), ("::ffff:10.0.0.1", [10, 0, 0, 1]), ("::FFFF:0a00:0001", [10, 0, 0, 1]),
            ("::1", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
        ] as [(String, [UInt8])])
    func `an address is its bytes, however it is written`(_ text: String, _ bytes: [UInt8]) {
        #expect(NetworkAddress(text)?.bytes == bytes)
    }

    @Test(arguments: [
        "", " 10.0.0.1", "10.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.1:80", "[::1]", "fe80::1%eth0", "localhost",
        "10.0.0.1\0", "1:2:3:4:5:6:7:8:9",
    ])
    func `what is no address is none`(_ text: String) { #expect(NetworkAddress(text) == nil) }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.9/8", "10.1.1.1", true),
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("::ffff:10.0.0.0/104", "10.9.9.9", true), ("192.168.128.0/17", "192.168.127.255", false),
        ("192.168.128.0/17", "192.168.128.0", true), ("0.0.0.0/0", "203.0.113.1", true), ("0.0.0.0/0", "::1", false),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
        ("2001:db8::/33", "2001:db8:8000::", false), ("::/0", "2001:db8::1", true),
    ])
    func `a network holds the addresses that begin as it does`(_ network: String, _ address: String, _ holds: Bool)
        throws
    {
        let network = try #require(AddressNetwork(network))
        #expect(network.contains(try #require(NetworkAddress(address))) == holds)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "::/129", "10.0.0.0/0x8",
        "::ffff:10.0.0.0/95", "proxy/8", "10.0.0.0/1e1", "10.0.0.0/٨",
    ])
    func `what is no network is none`(_ text: String) { #expect(AddressNetwork(text) == nil) }

    private func texts(_ hops: [NetworkAddress?]) -> [String] {
        hops.map { $0.map { $0.bytes.map(String.init).joined(separator: ".") } ?? "-" }
    }

    @Test func `hops of X-Forwarded-For may have ports, and what is none stays in its place`() {
        let hops = ForwardedHops.xForwardedFor([
            "192.0.2.1, 192.0.2.2:4711 ,unknown", "[::ffff:192.0.2.3]:80,\t::ffff:192.0.2.4", "",
            "192.0.2.5:x,[192.0.2.6]",
        ])
        #expect(
            texts(hops) == ["192.0.2.1", "192.0.2.2", "-", "192.0.2.3", "192.0.2.4", "-", "-", "-"])
        let many = ForwardedHops.xForwardedFor([Array(repeating: "192.0.2.1", count: 1_000).joined(separator: ",")])
        #expect(many.count == ForwardedHops.most)
    }

    @Test func `hops of Forwarded are what stands for`() {
        let hops = ForwardedHops.forwarded([
            #"for=192.0.2.1;proto=https, FOR="192.0.2.2:80" ; by=203.0.113.1"#,
            #"for="[::ffff:192.0.2.3]:4711", for=unknown, for=_hidden, by=192.0.2.4"#,
            #"for="a\",b";host=x, for=192.0.2.5;for=192.0.2.6, for="192.0.2.7"#,
        ])
        #expect(texts(hops) == ["192.0.2.1", "192.0.2.2", "192.0.2.3", "-", "-", "-", "-", "-", "-"])
    }
}
