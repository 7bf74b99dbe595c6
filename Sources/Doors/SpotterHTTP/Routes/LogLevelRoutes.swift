import HTTPServerKit
import ServiceKit
import SpotterDomain

/// `/v1/admin/log-level`: how much this process writes of itself.
enum LogLevelRoutes {
    static func routes(_ services: Services) -> [Route] { [get(services), put(services)] }

    /// The levels of the log of this process.
    struct LogLevels: Codable, Sendable, FieldsDescribed {
        let level: String
        let modules: [String: String]?

        static let fields = [
            "level": Field("Of all that has none of its own: debug, info, warning or error.", example: "info"),
            "modules": Field("Of parts of the program; what is left out has the level of the rest."),
        ]
    }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/admin/log-level", "getLogLevel", "Read how much this process writes of itself", tag: "Admin",
            permission: .admin,
            answers: [.json(200, "The levels; modules without one of their own are named, too.", LogLevels.self)]
        ) { _ in try .json(levels(of: services.monitoring.logs)) }
    }

    private static func put(_ services: Services) -> Route {
        Route(
            .put, "/v1/admin/log-level", "setLogLevel",
            "Set how much this process writes of itself, until it ends", tag: "Admin", permission: .admin,
            body: .json(LogLevels.self, example: ["level": "info"]),
            answers: [.json(200, "The levels as they are now.", LogLevels.self)], isConditional: false
        ) { context in
            try context.refuseMatch("The level of the log")
            let wanted = try context.body(LogLevels.self)
            let log = services.monitoring.logs
            let level = try self.level(wanted.level, "/level")
            var levels: [String: Log.Level] = [:]
            for (module, name) in wanted.modules ?? [:] {
                let pointer = "/modules/\(module)"
                guard log.modules.contains(module) else {
                    let hint = DidYouMean.hint(for: module, among: log.modules)
                    throw SpotterError.invalid(
                        pointer, "is no part of the program: there are \(log.modules.joined(separator: ", "))\(hint)")
                }
                levels[module] = try self.level(name, pointer)
            }
            // It is kept by this process alone, so that no store tells of it by itself. First what is done, then the act:
            // what cannot be told of is not done.
            let scope = try context.scope
            try await services.keepAudit(in: scope)
            log.level = level
            log.levels = levels.filter { $0.value != level }
            log.warning("the level of the log was changed", ["lowest": level.rawValue])
            return try .json(self.levels(of: log))
        }
    }

    private static func level(_ name: String, _ pointer: String) throws -> Log.Level {
        guard let level = Log.Level(rawValue: name) else {
            let known = Log.Level.allCases.map(\.rawValue)
            throw SpotterError.invalid(
                pointer, "must be \(known.joined(separator: ", "))\(DidYouMean.hint(for: name, among: known))")
        }
        return level
    }

    private static func levels(of log: Log) -> LogLevels {
        let own = log.levels
        return LogLevels(
            level: log.level.rawValue,
            modules: Dictionary(uniqueKeysWithValues: log.modules.map { ($0, (own[$0] ?? log.level).rawValue) }))
    }
}
