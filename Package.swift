// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is built with: language mode 6 and no warning left standing.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

/// A C library of the system: a module map and, where macros must be reached, a shim header.
func library(_ name: String, package: String? = nil) -> Target {
    .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: package)
}

/// A target that stands in one of the rooms of the house (README, "The house").
func target(_ name: String, in room: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/\(room)/\(name)", swiftSettings: strict)
}

func tests(of name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.target(name: name)] + dependencies, path: "Tests/\(name)Tests",
        resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "spotter",
    products: [
        .executable(name: "spotter", targets: ["spotter"]),
        .library(name: "SpotterTesting", targets: ["SpotterTesting"]),
    ],
    targets: [
        // C: module maps and shims only.
        library("CLibevent", package: "libevent"),
        library("CLibpq", package: "libpq"),
        library("CLibcurl", package: "libcurl"),
        library("COpenSSL", package: "openssl"),
        library("CLibyaml", package: "yaml-0.1"),
        library("CCmark", package: "libcmark"),
        library("CWslay"),
        library("CZlib"),
        .target(
            name: "CLLHTTP", path: "Sources/C/CLLHTTP",
            cSettings: [.define("LLHTTP_STRICT_MODE", to: "1")]),

        // Kits: they know nothing of Spotter.
        target("ServiceKit", in: "Kits"),
        target("EventLoopKit", in: "Kits", "CLibevent", "ServiceKit"),
        target(
            "HTTPServerKit", in: "Kits", "CLibevent", "CLLHTTP", "COpenSSL", "CWslay", "CZlib", "EventLoopKit",
            "ServiceKit"),
        target("HTTPClientKit", in: "Kits", "CLibcurl", "EventLoopKit", "ServiceKit"),
        target("PostgresKit", in: "Kits", "CLibpq", "EventLoopKit", "ServiceKit"),
        target("SigningKit", in: "Kits", "COpenSSL"),
        target("YAMLKit", in: "Kits", "CLibyaml"),
        target("MarkdownKit", in: "Kits", "CCmark"),
        target("MailKit", in: "Kits", "CLibcurl"),
        target("DevToolsKit", in: "Kits", "ServiceKit"),
        target("MetricsKit", in: "Kits"),

        // Domain: nouns, rules, pure state machines, the stores' protocols. Foundation only.
        target("SpotterDomain", in: "Domain"),

        // Engines: what decides and performs.
        target("SpotterEngine", in: "Engines", "SpotterDomain", "ServiceKit"),
        target("SpotterBilling", in: "Engines", "SpotterDomain"),
        target("SpotterAgents", in: "Engines", "SpotterDomain", "SpotterEngine", "ServiceKit"),
        target("SpotterWorkflows", in: "Engines", "SpotterDomain", "SpotterEngine", "ServiceKit"),
        target("SpotterMonitoring", in: "Engines", "SpotterDomain", "MetricsKit", "ServiceKit"),

        // Adapters: the outside world behind the domain's protocols.
        target("SpotterPostgres", in: "Adapters", "SpotterDomain", "PostgresKit", "ServiceKit"),
        target(
            "SpotterProviders", in: "Adapters", "SpotterDomain", "EventLoopKit", "HTTPClientKit", "ServiceKit"),
        target(
            "SpotterTools", in: "Adapters", "SpotterDomain", "DevToolsKit", "HTTPClientKit", "MailKit", "MarkdownKit"),
        target("SpotterTenants", in: "Adapters", "SpotterDomain", "MailKit", "YAMLKit"),
        target("SpotterMessaging", in: "Adapters", "SpotterDomain", "HTTPClientKit", "MailKit"),
        target("SpotterConnectors", in: "Adapters", "SpotterDomain", "HTTPClientKit"),
        target("SpotterTokens", in: "Adapters", "SpotterDomain", "SigningKit"),
        target("SpotterSecrets", in: "Adapters", "SpotterDomain", "SigningKit"),

        // Doors: the ways in.
        target(
            "SpotterHTTP", in: "Doors", "SpotterDomain", "SpotterEngine", "SpotterAgents", "SpotterBilling",
            "SpotterWorkflows", "SpotterMonitoring", "HTTPServerKit", "ServiceKit"),
        target("SpotterCommandLine", in: "Doors", "SpotterDomain", "ServiceKit"),

        // The only place that knows everyone.
        .executableTarget(
            name: "spotter",
            dependencies: [
                "DevToolsKit", "EventLoopKit", "HTTPClientKit", "HTTPServerKit", "PostgresKit", "ServiceKit",
                "SigningKit", "SpotterAgents", "SpotterBilling", "SpotterCommandLine", "SpotterConnectors",
                "SpotterDomain", "SpotterEngine", "SpotterHTTP", "SpotterMessaging", "SpotterMonitoring", "MetricsKit",
                "SpotterPostgres", "SpotterProviders", "SpotterSecrets", "SpotterTenants", "SpotterTokens",
                "SpotterTools", "SpotterWorkflows",
            ],
            path: "Sources/spotter", swiftSettings: strict),

        // Test doubles and conformance suites, as a product.
        .target(
            name: "SpotterTesting",
            dependencies: [
                "COpenSSL", "EventLoopKit", "HTTPServerKit", "PostgresKit", "ServiceKit", "SpotterDomain",
                "SpotterEngine", "SpotterPostgres", "SpotterTokens",
            ],
            path: "Sources/SpotterTesting", swiftSettings: strict),

        // `make chaos`: a program of its own, because it runs for minutes. What judges its runs is tested like all else.
        .executableTarget(
            name: "SpotterChaos",
            dependencies: [
                "EventLoopKit", "HTTPClientKit", "PostgresKit", "ServiceKit", "SpotterDomain", "SpotterPostgres",
                "SpotterTesting",
            ],
            path: "Tests/SpotterChaos", swiftSettings: strict),
        tests(of: "SpotterChaos", "SpotterDomain"),

        tests(of: "ServiceKit"),
        tests(of: "EventLoopKit"),
        tests(of: "HTTPServerKit", "COpenSSL", "EventLoopKit", "ServiceKit", "SpotterTesting"),
        tests(of: "HTTPClientKit", "EventLoopKit", "SpotterTesting"),
        tests(of: "PostgresKit", "EventLoopKit", "ServiceKit", "SpotterTesting"),
        tests(of: "SigningKit"),
        tests(of: "YAMLKit"),
        tests(of: "MarkdownKit"),
        tests(of: "MailKit", "SpotterDomain", "SpotterTesting"),
        tests(of: "DevToolsKit"),
        tests(of: "MetricsKit"),
        tests(of: "SpotterDomain"),
        tests(of: "SpotterEngine", "ServiceKit", "SpotterDomain", "SpotterTesting"),
        tests(of: "SpotterBilling", "SpotterDomain", "SpotterTesting"),
        tests(of: "SpotterAgents", "ServiceKit", "SpotterDomain", "SpotterEngine", "SpotterPostgres", "SpotterTesting"),
        tests(
            of: "SpotterMonitoring", "MetricsKit", "ServiceKit", "SpotterDomain", "SpotterEngine", "SpotterTesting"),
        tests(of: "SpotterWorkflows", "ServiceKit", "SpotterDomain", "SpotterEngine", "SpotterTesting"),
        tests(
            of: "SpotterPostgres", "EventLoopKit", "PostgresKit", "ServiceKit", "SigningKit", "SpotterDomain",
            "SpotterEngine", "SpotterTesting", "SpotterTokens"),
        tests(
            of: "SpotterProviders", "EventLoopKit", "HTTPClientKit", "HTTPServerKit", "ServiceKit", "SpotterDomain",
            "SpotterTesting", "SpotterTools"),
        tests(
            of: "SpotterTools", "DevToolsKit", "EventLoopKit", "HTTPClientKit", "PostgresKit", "ServiceKit",
            "SpotterDomain", "SigningKit", "SpotterWorkflows",
            "SpotterAgents", "SpotterEngine", "SpotterPostgres", "SpotterTenants", "SpotterTesting"),
        tests(of: "SpotterTenants", "SpotterDomain"),
        tests(of: "SpotterTokens", "SigningKit", "SpotterDomain"),
        tests(
            of: "SpotterConnectors", "EventLoopKit", "HTTPClientKit", "ServiceKit", "SpotterDomain", "SpotterEngine",
            "SpotterTesting"),
        tests(of: "SpotterMessaging", "EventLoopKit", "HTTPClientKit", "MailKit", "SpotterDomain", "SpotterTesting"),
        tests(
            of: "SpotterSecrets", "PostgresKit", "ServiceKit", "SigningKit", "SpotterDomain", "SpotterEngine",
            "SpotterTesting"),
        tests(
            of: "SpotterHTTP", "EventLoopKit", "HTTPServerKit", "PostgresKit", "ServiceKit", "SigningKit",
            "SpotterAgents",
            "SpotterDomain",
            "SpotterEngine", "SpotterMonitoring", "SpotterPostgres", "SpotterProviders", "SpotterSecrets",
            "SpotterTesting", "SpotterTokens", "SpotterTools", "SpotterWorkflows"),
        tests(of: "SpotterCommandLine", "SpotterDomain"),
        // The whole product, through the real binary's parts.
        tests(
            of: "spotter", "EventLoopKit", "HTTPClientKit", "HTTPServerKit", "MetricsKit", "PostgresKit", "ServiceKit",
            "SigningKit",
            "SpotterDomain", "SpotterHTTP", "SpotterMonitoring", "SpotterPostgres", "SpotterTesting"),
    ]
)

// Fuzz targets have libFuzzer's main instead of their own: they exist for scripts/fuzz.sh alone.
if Context.environment["SPOTTER_FUZZ"] != nil {
    func fuzzer(_ name: String, of kit: String...) -> Target {
        .executableTarget(
            name: name, dependencies: kit.map { .target(name: $0) }, path: "Fuzz/\(name)", exclude: ["corpus"],
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])])
    }
    package.targets += [
        fuzzer("FuzzCSV", of: "SpotterDomain"),
        fuzzer("FuzzCheckpoint", of: "SigningKit", "SpotterDomain", "SpotterTokens"),
        fuzzer("FuzzCookie", of: "HTTPServerKit"),
        fuzzer("FuzzCron", of: "SpotterDomain"),
        fuzzer("FuzzDevTools", of: "DevToolsKit"),
        fuzzer("FuzzExpression", of: "SpotterDomain"),
        fuzzer("FuzzForwarded", of: "HTTPServerKit"),
        fuzzer("FuzzHTTPParser", of: "HTTPServerKit"),
        fuzzer("FuzzHighLevel", of: "SpotterConnectors", "SpotterDomain"),
        fuzzer("FuzzJSON", of: "SpotterDomain"),
        fuzzer("FuzzMailMessage", of: "MailKit"),
        fuzzer("FuzzManifest", of: "SpotterCommandLine"),
        fuzzer("FuzzMarkdown", of: "MarkdownKit"),
        fuzzer("FuzzMemory", of: "SpotterDomain"),
        fuzzer("FuzzModelStream", of: "SpotterProviders", "SpotterDomain"),
        fuzzer("FuzzQuery", of: "HTTPServerKit"),
        fuzzer("FuzzReportPeriod", of: "SpotterDomain"),
        fuzzer("FuzzRetryAfter", of: "SpotterDomain"),
        fuzzer("FuzzSearch", of: "SpotterDomain"),
        fuzzer("FuzzServerSentEvents", of: "HTTPClientKit"),
        fuzzer("FuzzToken", of: "SigningKit"),
        fuzzer("FuzzTraceParent", of: "SpotterDomain"),
        fuzzer("FuzzWebAddress", of: "HTTPClientKit"),
        fuzzer("FuzzWebSocket", of: "HTTPServerKit"),
        fuzzer("FuzzWebhook", of: "SigningKit"),
        fuzzer("FuzzWorkflow", of: "SpotterDomain"),
        fuzzer("FuzzYAML", of: "YAMLKit"),
    ]
}
