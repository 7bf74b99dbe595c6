import HTTPServerKit
public import SpotterDomain

/// Every route there is. The router, the document, and the tests that walk all routes read this and nothing else.
public struct RouteTable: Sendable {
    let routes: [Route]
    /// The OpenAPI document of these routes.
    public var document: JSONValue { made.document }
    private let made: DocumentOnDemand
    private let root: Node

    init(_ routes: [Route], document: DocumentOnDemand = DocumentOnDemand { .null }) {
        self.routes = routes
        made = document
        let root = Node()
        for route in routes { root.insert(route.segments[...], route) }
        self.root = root
    }

    /// The routes of the whole API.
    public init(_ services: Services) {
        let described = [
            HealthRoutes.routes(services), AgentRoutes.routes(services), ConversationRoutes.routes(services),
            MessageRoutes.routes(services), ToolRoutes.routes(services), ExecutionRoutes.routes(services),
            ExecutionControlRoutes.routes(services), ApprovalRoutes.routes(services),
            ApprovalLinkRoutes.routes(services), UnsubscribeRoutes.routes(services), QueueRoutes.routes(services),
            TaskRoutes.routes(services), PlanRoutes.routes(services), WorkflowRoutes.routes(services),
            WorkflowActionRoutes.routes(services),
            WorkflowTemplateRoutes.routes(services), TriggerRoutes.routes(services),
            SessionRoutes.routes(services),
            EventRoutes.routes(services), SchedulerRoutes.routes(services),
            MemoryRoutes.routes(services), CompressRoutes.routes(services),
            FileRoutes.routes(services),
            TokenRoutes.routes(services), UsageRoutes.routes(services), BudgetRoutes.routes(services),
            OutboxRoutes.routes(services), NotificationRoutes.routes(services), CRMRoutes.routes(services),
            AdminRoutes.routes(services), OrchestrateRoutes.routes(services), PresenceRoutes.routes(services),
            MetricsRoutes.routes(services), AlertRoutes.routes(services), TimelineRoutes.routes(services),
            LogLevelRoutes.routes(services),
            AgentMessageRoutes.routes(services), HookRoutes.routes(services), HookReceptionRoutes.routes(services),
            ConnectorRoutes.routes(services),
            ActivityRoutes.routes(services),
            DashboardRoutes.routes(services),
        ].flatMap { $0 }
        let (documents, document) = DocumentRoutes.routes(describing: described, version: services.version)
        self.init(described + documents, document: document)
    }

    enum Match {
        case route(Route, parameters: PathParameters)
        /// The path exists, but not with this method.
        case otherMethod(allowed: [HTTPMethod])
        case none
    }

    /// Twice in many requests, so it looks at the path's bytes where they are.
    func match(_ method: HTTPMethod, _ path: String) -> Match {
        var path = path
        return path.withUTF8 { path in
            var values: [Range<Int>] = []
            guard path.first == UInt8(ascii: "/"), let node = root.find(path, from: 1, &values) else { return .none }
            // A HEAD is a GET whose body is not sent.
            let wanted = method == .head ? .get : method
            guard let route = node.route(for: wanted) else { return .otherMethod(allowed: node.allowed) }
            let texts = values.map { String(decoding: UnsafeBufferPointer(rebasing: path[$0]), as: UTF8.self) }
            return .route(route, parameters: PathParameters(names: route.pathParameters, values: texts))
        }
    }

    /// A place in the tree of path segments. Built once, then only read.
    private final class Node: @unchecked Sendable {
        // Written while the table is made, before it is shared.
        private var children: [(name: [UInt8], node: Node)] = []
        private var anything: Node?
        private var routes: [Route] = []

        func route(for method: HTTPMethod) -> Route? { routes.first { $0.method == method } }

        var allowed: [HTTPMethod] {
            var methods = routes.map(\.method)
            if methods.contains(.get) { methods.append(.head) }
            return HTTPMethod.allCases.filter(methods.contains)
        }

        func insert(_ segments: ArraySlice<Substring>, _ route: Route) {
            guard let first = segments.first else {
                precondition(self.route(for: route.method) == nil, "two routes for the same method and path")
                routes.append(route)
                return
            }
            child(for: first).insert(segments.dropFirst(), route)
        }

        private func child(for segment: Substring) -> Node {
            if segment.hasPrefix("{") {
                let node = anything ?? Node()
                anything = node
                return node
            }
            let name = Array(segment.utf8)
            if let known = children.first(where: { $0.name == name }) { return known.node }
            let node = Node()
            children.append((name, node))
            return node
        }

        /// - Parameters:
        ///   - start: where the next segment begins; one more than the path has bytes when there is none.
        ///   - values: where in the path the segments are that parameters stand for.
        func find(_ path: UnsafeBufferPointer<UInt8>, from start: Int, _ values: inout [Range<Int>]) -> Node? {
            guard start <= path.count else { return routes.isEmpty ? nil : self }
            let end = path[start...].firstIndex(of: UInt8(ascii: "/")) ?? path.count
            let segment = path[start..<end]
            for child in children where child.name.count == segment.count && child.name.elementsEqual(segment) {
                if let found = child.node.find(path, from: end + 1, &values) { return found }
            }
            guard let anything, start < end else { return nil }
            values.append(start..<end)
            if let found = anything.find(path, from: end + 1, &values) { return found }
            values.removeLast()
            return nil
        }
    }
}

/// What stands in a path where its route has names in braces.
struct PathParameters: Sendable {
    let names: [String]
    let values: [String]

    subscript(name: String) -> String? { names.firstIndex(of: name).map { values[$0] } }
}
