import HTTPServerKit
import SpotterMonitoring

/// The meters of all routes, found by the route that a request is for.
struct RequestMeters: Sendable {
    private let routes: [ObjectIdentifier: RouteMeter]
    /// Paths that there are not, and methods that a path does not know.
    private let others: [HTTPMethod: RouteMeter]

    init(_ meters: Meters, _ routes: [Route]) {
        self.routes = Dictionary(
            uniqueKeysWithValues: routes.map { route in
                (
                    ObjectIdentifier(route),
                    RouteMeter(meters, method: route.method.rawValue, route: route.path)
                )
            })
        others = Dictionary(
            uniqueKeysWithValues: HTTPMethod.allCases.map { method in
                (method, RouteMeter(meters, method: method.rawValue, route: "none"))
            })
    }

    /// The meter of a request that is about to be answered.
    func begin(_ match: RouteTable.Match, _ method: HTTPMethod) -> RequestMeter {
        let meter: RouteMeter?
        if case .route(let route, _) = match { meter = routes[ObjectIdentifier(route)] } else { meter = others[method] }
        meter?.begin()
        return RequestMeter(meter: meter)
    }
}

/// One request on its way.
struct RequestMeter: Sendable {
    fileprivate let meter: RouteMeter?

    func end(status: Int, after elapsed: Duration) { meter?.end(status: status, after: elapsed) }
}
