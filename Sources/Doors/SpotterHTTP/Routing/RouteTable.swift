import HTTPServerKit
public import SpotterDomain

/// Every route there is. The router, the document, and the tests that walk all routes read this and nothing else.
public struct RouteTable: Sendable {
    let routes: [Route]
    /// The OpenAPI document of these routes.
    public let document: JSONValue
    private let root: Node

    init(_ routes: [Route], document: JSONValue = .null) {
        self.routes = routes
        self.document = document
        let root = Node()
        for (index, route) in routes.enumerated() { root.insert(route.segments[...], route.method, index) }
        self.root = root
    }

    /// The routes of the whole API.
    public init(_ services: Services) {
        let described = [
            HealthRoutes.routes(services), AgentRoutes.routes(services), ConversationRoutes.routes(services),
            MessageRoutes.routes(services), ToolRoutes.routes(services), ExecutionRoutes.routes(services),
            ExecutionControlRoutes.routes(services), QueueRoutes.routes(services),
            TaskRoutes.routes(services), EventRoutes.routes(services), SchedulerRoutes.routes(services),
            TokenRoutes.routes(services),
            AdminRoutes.routes(services),
        ].flatMap { $0 }
        let (documents, document) = DocumentRoutes.routes(describing: described, version: services.version)
        self.init(described + documents, document: document)
    }

    enum Match {
        case route(Route, parameters: [String: String])
        /// The path exists, but not with this method.
        case otherMethod(allowed: [HTTPMethod])
        case none
    }

    func match(_ method: HTTPMethod, _ path: String) -> Match {
        var values: [Substring] = []
        guard let node = root.find(path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(), &values)
        else { return .none }
        // A HEAD is a GET whose body is not sent.
        let wanted = method == .head ? .get : method
        guard let index = node.routes[wanted] else {
            var methods = Set(node.routes.keys)
            if methods.contains(.get) { methods.insert(.head) }
            return .otherMethod(allowed: HTTPMethod.allCases.filter { methods.contains($0) })
        }
        let route = routes[index]
        guard !values.isEmpty else { return .route(route, parameters: [:]) }
        let named = zip(route.pathParameters, values.map(String.init))
        return .route(route, parameters: Dictionary(named, uniquingKeysWith: { first, _ in first }))
    }

    /// A place in the tree of path segments. Built once, then only read.
    private final class Node: @unchecked Sendable {
        // Written while the table is made, before it is shared.
        var children: [Substring: Node] = [:]
        var anything: Node?
        var routes: [HTTPMethod: Int] = [:]

        func insert(_ segments: ArraySlice<Substring>, _ method: HTTPMethod, _ index: Int) {
            guard let first = segments.first else {
                precondition(routes[method] == nil, "two routes for the same method and path")
                routes[method] = index
                return
            }
            let next: Node
            if first.hasPrefix("{") {
                next = anything ?? Node()
                anything = next
            } else {
                next = children[first] ?? Node()
                children[first] = next
            }
            next.insert(segments.dropFirst(), method, index)
        }

        func find(_ segments: ArraySlice<Substring>, _ values: inout [Substring]) -> Node? {
            guard let first = segments.first else { return routes.isEmpty ? nil : self }
            if let child = children[first], let found = child.find(segments.dropFirst(), &values) { return found }
            guard let anything, !first.isEmpty else { return nil }
            values.append(first)
            if let found = anything.find(segments.dropFirst(), &values) { return found }
            values.removeLast()
            return nil
        }
    }
}
