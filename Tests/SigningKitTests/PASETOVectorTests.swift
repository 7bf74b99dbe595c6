import Testing

@testable import SigningKit

/// The vectors of paseto-standard/test-vectors, `v4.json` and `PASERK/k4.*.json`, as far as they speak of v4.public.
struct PASETOVectorTests {
    static let secretKey =
        "b4cbfb43df4ce210727d953e4a713307fa19bb7d9f85041438d9e11b942a3774"
        + "1eb9dbbbbc047c03fd70604e0071f0987e16b28b757225c11f00415d0e20b1a2"
    static let publicKey = "1eb9dbbbbc047c03fd70604e0071f0987e16b28b757225c11f00415d0e20b1a2"
    static let payload = #"{"data":"this is a signed message","exp":"2022-01-01T00:00:00+00:00"}"#
    static let footer = #"{"kid":"zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN"}"#
    static let footerText = "eyJraWQiOiJ6VmhNaVBCUDlmUmYyc25FY1Q3Z0ZUaW9lQTlDT2NOeTlEZmdMMVc2MGhhTiJ9"
    static let payloadText =
        "eyJkYXRhIjoidGhpcyBpcyBhIHNpZ25lZCBtZXNzYWdlIiwiZXhwIjoiMjAyMi0wMS0wMVQwMDowMDowMCswMDowMCJ9"

    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let token: String
        let footer: String
        let assertion: String
        var testDescription: String { name }
    }

    static let good = [
        Vector(
            name: "4-S-1",
            token: "v4.public.\(payloadText)"
                + "bg_XBBzds8lTZShVlwwKSgeKpLT3yukTw6JUz3W4h_ExsQV-P0V54zemZDcAxFaSeef1QlXEFtkqxT1ciiQEDA",
            footer: "", assertion: ""),
        Vector(
            name: "4-S-2",
            token: "v4.public.\(payloadText)"
                + "v3Jt8mx_TdM2ceTGoqwrh4yDFn0XsHvvV_D0DtwQxVrJEBMl0F2caAdgnpKlt4p7xBnx1HcO-SPo8FPp214HDw."
                + footerText,
            footer: footer, assertion: ""),
        Vector(
            name: "4-S-3",
            token: "v4.public.\(payloadText)"
                + "NPWciuD3d0o5eXJXG5pJy-DiVEoyPYWs1YSTwWHNJq6DZD3je5gf-0M4JR9ipdUSJbIovzmBECeaWmaqcaP0DQ."
                + footerText,
            footer: footer, assertion: #"{"test-vector":"4-S-3"}"#),
    ]

    static let bad = [
        Vector(
            name: "4-F-1",
            token: "v4.local.vngXfCISbnKgiP6VWGuOSlYrFYU300fy9ijW33rznDYgxHNPwWluAY2Bgb0z54CUs6aYYkIJ-bOOOmJHPuX_34Ag"
                + "t_IPlNdGDpRdGNnBz2MpWJvB3cttheEc1uyCEYltj7wBQQYX.YXJiaXRyYXJ5LXN0cmluZy10aGF0LWlzbid0LWpzb24",
            footer: "arbitrary-string-that-isn't-json", assertion: #"{"test-vector":"4-F-1"}"#),
        Vector(
            name: "4-F-2",
            token: "v4.public.eyJpbnZhbGlkIjoidGhpcyBzaG91bGQgbmV2ZXIgZGVjb2RlIn22Sp4gjCaUw0c7EH84ZSm_jN_Qr41MrgLNu5LI"
                + "BCzUr1pn3Z-Wukg9h3ceplWigpoHaTLcwxj0NsI1vjTh67YB." + footerText,
            footer: footer, assertion: #"{"test-vector":"4-F-2"}"#),
        Vector(
            name: "4-F-3",
            token: "v3.local.23e_2PiqpQBPvRFKzB0zHhjmxK3sKo2grFZRRLM-U7L0a8uHxuF9RlVz3Ic6WmdUUWTxCaYycwWV1yM8gKbZB2Jhy"
                + "gDMKvHQ7eBf8GtF0r3K0Q_gF1PXOxcOgztak1eD1dPe9rLVMSgR0nHJXeIGYVuVrVoLWQ."
                + "YXJiaXRyYXJ5LXN0cmluZy10aGF0LWlzbid0LWpzb24",
            footer: "arbitrary-string-that-isn't-json", assertion: #"{"test-vector":"4-F-3"}"#),
        Vector(
            name: "4-F-4",
            token: "v4.local.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAr68PS4AXe7If_ZgesdkUMvSwscFlAl1pk5HC0e8kApe"
                + "aqMfGo_7OpBnwJOAbY9V7WU6abu74MmcUE8YWAiaArVI8XJ5hOb_4v9RmDkneN0S92dx0OW4pgy7omxgf3S8c3LlQh",
            footer: "", assertion: ""),
    ]

    @Test(arguments: good)
    func `a good vector is signed byte for byte and verified`(vector: Vector) throws {
        let secret = try Ed25519.SecretKey(bytes: try Hex.decode(Self.secretKey))
        let token = try PASETO.sign(
            Array(Self.payload.utf8), with: secret, footer: Array(vector.footer.utf8),
            implicitAssertion: Array(vector.assertion.utf8))
        #expect(token == vector.token)

        let key = try Ed25519.PublicKey(bytes: try Hex.decode(Self.publicKey))
        let read = try PASETO.verify(vector.token, with: key, implicitAssertion: Array(vector.assertion.utf8))
        #expect(String(decoding: read.payload, as: UTF8.self) == Self.payload)
        #expect(String(decoding: read.footer, as: UTF8.self) == vector.footer)
    }

    @Test(arguments: bad)
    func `a failure vector is refused`(vector: Vector) throws {
        let key = try Ed25519.PublicKey(bytes: try Hex.decode(Self.publicKey))
        let expected: SigningError = vector.name == "4-F-2" ? .badSignature : .wrongHeader
        #expect(throws: expected) {
            try PASETO.verify(vector.token, with: key, implicitAssertion: Array(vector.assertion.utf8))
        }
    }

    @Test(
        arguments: [
            ([], "0000000000000000"),
            ([""], "01000000000000000000000000000000"),
            (["test"], "0100000000000000040000000000000074657374"),
        ] as [([String], String)])
    func `pieces are encoded before authentication as the specification shows`(pieces: [String], hex: String) {
        #expect(Hex.encode(PASETO.preAuthenticationEncoding(pieces.map { Array($0.utf8) })) == hex)
    }

    @Test(arguments: [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "k4.secret.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA7aie8zrakLWKjqNAqbw1zZTIVdx3iQ6Y6wEihi1naKQ",
            "k4.public.O2onvM62pC1io6jQKm8Nc2UyFXcd4kOmOsBIoYtZ2ik"
        ),
        (
            "707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f",
            "k4.secret.cHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjo8c5WpIyC_5kWKhS8VEYSZ05dYfuTF-ZdQFV4D9vLTcNQ",
            "k4.public.HOVqSMgv-ZFioUvFRGEmdOXWH7kxfmXUBVeA_by03DU"
        ),
    ])
    func `a secret key has the PASERK of the vectors`(seed: String, secret: String, public: String) throws {
        let key = try Ed25519.SecretKey(bytes: try Hex.decode(seed))
        #expect(try PASERK.text(of: key) == secret)
        #expect(PASERK.text(of: key.publicKey) == `public`)
        #expect(try PASERK.parse(secret).publicKey == key.publicKey)
    }

    @Test(arguments: [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "k4.public.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        ),
        (
            "707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f",
            "k4.public.cHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjo8"
        ),
        (
            "707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e90",
            "k4.public.cHFyc3R1dnd4eXp7fH1-f4CBgoOEhYaHiImKi4yNjpA"
        ),
    ])
    func `a public key has the PASERK of the vectors`(bytes: String, text: String) throws {
        let key = try Ed25519.PublicKey(bytes: try Hex.decode(bytes))
        #expect(PASERK.text(of: key) == text)
        #expect(try PASERK.parse(text).publicKey == key)
    }
}
