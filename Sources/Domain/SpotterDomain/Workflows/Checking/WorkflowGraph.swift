/// How the nodes of a workflow, or the steps of a plan, follow each other.
struct WorkflowGraph {
    struct Edge {
        let from: Int
        let to: Int
        /// Whether it may lead back to where the run has been.
        let isReturning: Bool
    }

    let count: Int
    let edges: [Edge]
    /// Places of edges, those that lead back left out.
    let forward: [[Int]]
    /// How many edges lead to each node, those that lead back left out.
    let incoming: [Int]
    /// Each node behind all that lead to it; shorter than the nodes where there is a circle.
    let order: [Int]

    init(count: Int, edges: [Edge]) {
        self.count = count
        self.edges = edges
        var forward = [[Int]](repeating: [], count: count)
        var incoming = [Int](repeating: 0, count: count)
        for (place, edge) in edges.enumerated() where !edge.isReturning {
            forward[edge.from].append(place)
            incoming[edge.to] += 1
        }
        self.forward = forward
        self.incoming = incoming
        order = Self.order(edges, forward, incoming)
    }

    /// Whether nothing leads back without saying how often.
    var isAcyclic: Bool { order.count == count }

    private static func order(_ edges: [Edge], _ forward: [[Int]], _ incoming: [Int]) -> [Int] {
        var left = incoming
        var order = left.indices.filter { left[$0] == 0 }
        var next = 0
        while next < order.count {
            for edge in forward[order[next]] {
                let to = edges[edge].to
                left[to] -= 1
                if left[to] == 0 { order.append(to) }
            }
            next += 1
        }
        return order
    }

    /// The places of the nodes of one circle, in its order; nil where there is none.
    func circle() -> [Int]? {
        guard !isAcyclic else { return nil }
        var isDone = [Bool](repeating: false, count: count)
        for node in order { isDone[node] = true }
        // What is not in the order hangs on a circle: going back from it, never leaving what is left, ends in one.
        var before = [Int](repeating: -1, count: count)
        for edge in edges where !edge.isReturning && !isDone[edge.from] && !isDone[edge.to] {
            if before[edge.to] < 0 { before[edge.to] = edge.from }
        }
        guard var node = isDone.firstIndex(of: false) else { return nil }
        var seen = [Int](repeating: -1, count: count)
        var way: [Int] = []
        while seen[node] < 0 {
            seen[node] = way.count
            way.append(node)
            node = before[node]
        }
        let circle = Array(way[seen[node]...].reversed())
        guard let first = circle.min(), let start = circle.firstIndex(of: first) else { return circle }
        return Array(circle[start...] + circle[..<start])
    }

    /// For each node those from which a way leads to it, itself left out. Only where there is no circle.
    func ancestors() -> [NodeSet] {
        var ancestors = [NodeSet](repeating: NodeSet(count: count), count: count)
        for node in order {
            for edge in forward[node] {
                let to = edges[edge].to
                ancestors[to].formUnion(ancestors[node])
                ancestors[to].insert(node)
            }
        }
        return ancestors
    }
}
