import Foundation
import SpotterDomain

private let organizationOption = OptionSpec.option("organization", "SLUG", "Whose hooks.")

/// `spotter hooks list`
struct HooksListCommand: Command {
    let path = ["hooks", "list"]
    let summary = "List hooks, newest first, and how it goes with those that send"
    let example = "spotter hooks list --organization iron-temple"
    let options: [OptionSpec] = [organizationOption, .flag("json", "Print one line of JSON for each.")]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let hooks = try await product.hooks(organization: arguments.required("organization"))
        if arguments.has("json") {
            for (hook, endpoint) in hooks { terminal.print(Self.json(hook, endpoint).description) }
        } else if hooks.isEmpty {
            terminal.print("There are no hooks.")
        } else {
            terminal.table(
                ["ID", "DIRECTION", "NAME", "STATE", "WAITING", "WHERE"],
                hooks.map { hook, endpoint in
                    [
                        "\(hook.id)", hook.settings.direction.rawValue, hook.settings.name,
                        Self.state(hook, endpoint), endpoint.map { "\($0.pending)" } ?? "",
                        hook.settings.target?.url ?? "/v1/hooks/\(hook.id)",
                    ]
                })
        }
    }

    private static func state(_ hook: Hook, _ endpoint: HookEndpoint?) -> String {
        guard hook.settings.isEnabled else { return endpoint?.disabledReason.map { "given up: \($0)" } ?? "disabled" }
        return endpoint?.failingSince.map { "failing since \(Timestamp.string(from: $0))" } ?? "well"
    }

    private static func json(_ hook: Hook, _ endpoint: HookEndpoint?) -> JSONValue {
        var row = JSONObject()
        row["id"] = .string(hook.id.description)
        row["name"] = .string(hook.settings.name)
        row["direction"] = .string(hook.settings.direction.rawValue)
        row["enabled"] = .bool(hook.settings.isEnabled)
        row["url"] = hook.settings.target.map { .string($0.url) }
        row["events"] = hook.settings.target.map { .array($0.events.map { .string($0) }) }
        row["pending"] = endpoint.map { JSONValue.int(Int64($0.pending)) }
        row["failing_since"] = endpoint?.failingSince.map { .string(Timestamp.string(from: $0)) }
        row["disabled_reason"] = endpoint?.disabledReason.map { .string($0) }
        return .object(row)
    }
}

/// `spotter hooks listen`
struct HooksListenCommand: Command {
    let path = ["hooks", "listen"]
    let summary = "Receive an organisation's events here, check their signatures and print them"
    let example = "spotter hooks listen --organization iron-temple --events 'execution.*,custom.*'"
    let options: [OptionSpec] = [
        organizationOption,
        .option(
            "port", "PORT",
            "Where to listen on 127.0.0.1; the server, and this command, must run with "
                + "SPOTTER_HTTP_ALLOW_PRIVATE=127.0.0.1:PORT. Default 8585."),
        .option("events", "PATTERNS", "Which events, separated by commas. Default *."),
        .option("hook", "HOOK", "A hook that sends here already, in place of one that is made and deleted again."),
        .option("count", "COUNT", "End after so many messages. By default it goes on until Ctrl-C."),
        .flag("json", "Print one line of JSON for each message."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let hook = try arguments["hook"].map { text in
            guard let id = HookID(text) else { throw UsageError("\(text) is no id of a hook (hook_…)") }
            return id
        }
        let isJSON = arguments.has("json")
        let order = HookListening(
            organization: try arguments.required("organization"),
            port: try arguments.integer("port", in: 1...65_535) ?? 8_585,
            events: (arguments["events"] ?? "*").split(separator: ",", omittingEmptySubsequences: false).map(
                String.init),
            hook: hook, count: try arguments.integer("count", in: 1...1_000_000))
        try await product.listen(order) { hearing in
            switch hearing {
            case .ready(let id, let url):
                if !isJSON { terminal.print("\(id) sends to \(url). Ctrl-C ends.") }
            case .message(let id, let body, let problem):
                if isJSON {
                    var row = JSONObject()
                    row["id"] = .string(id)
                    row["is_genuine"] = .bool(problem == nil)
                    row["body"] = (try? JSONParser.parse(body)) ?? .string(body)
                    terminal.print(JSONValue.object(row).description)
                } else {
                    terminal.print("\(problem.map { "NOT GENUINE (\($0))" } ?? "ok") \(id) \(body)")
                }
            }
        }
    }
}
