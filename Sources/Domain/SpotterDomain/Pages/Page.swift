/// How much of a list is asked for, and from where.
public struct PageRequest: Sendable, Hashable {
    /// 1 to 200.
    public let limit: Int
    /// Where the previous page ended; nil for the first.
    public let after: Cursor?

    /// A request for at most `limit` elements; the limit is brought into 1 to 200.
    public init(limit: Int = 50, after: Cursor? = nil) {
        self.limit = min(max(limit, 1), 200)
        self.after = after
    }
}

/// One page, newest first unless its store says otherwise.
public struct Page<Element: Sendable>: Sendable {
    /// At most as many as were asked for.
    public let items: [Element]
    /// nil when this was the last page.
    public let next: Cursor?

    /// A page; `next` only if there is more.
    @inlinable
    public init(items: [Element], next: Cursor?) {
        self.items = items
        self.next = next
    }

    /// The same page of other elements.
    @inlinable
    public func map<Other>(_ transform: (Element) throws -> Other) rethrows -> Page<Other> {
        Page<Other>(items: try items.map(transform), next: next)
    }
}

extension Page {
    /// A page out of `limit + 1` fetched rows: the extra one only tells that there is more.
    @inlinable
    public init(fetched: consuming [Element], limit: Int, cursor: (Element) -> Cursor) {
        let excess = fetched.count - limit
        if excess > 0 { fetched.removeLast(excess) }
        let next = excess > 0 ? fetched.last.map(cursor) : nil
        self.init(items: fetched, next: next)
    }
}
