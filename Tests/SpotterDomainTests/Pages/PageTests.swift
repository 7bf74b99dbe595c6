import Foundation
import SpotterDomain
import Testing

struct PageTests {
    @Test(arguments: [(0, 1), (-3, 1), (1, 1), (50, 50), (200, 200), (201, 200), (Int.max, 200)])
    func `a limit stays within its bounds`(_ wanted: Int, _ limit: Int) {
        #expect(PageRequest(limit: wanted).limit == limit)
    }

    @Test(arguments: [(0, 0, false), (2, 2, false), (3, 3, false), (4, 3, true)])
    func `the row too many says only that there is more`(_ fetched: Int, _ shown: Int, _ hasNext: Bool) {
        let ids = (0..<fetched).map { _ in UUID() }
        let page = Page(fetched: ids, limit: 3) { Cursor($0) }
        #expect(page.items == Array(ids.prefix(shown)))
        #expect(page.next == (hasNext ? Cursor(ids[shown - 1]) : nil))
        #expect(page.map(\.uuidString).next == page.next)
    }

    @Test func `a cursor comes back as it was`() throws {
        let cursor = Cursor(UUID())
        #expect(try Cursor(cursor.description) == cursor)
    }

    @Test(arguments: [
        "", "cur_", "x", "agent_01h455vb4pex5vsknk084sn02q", "cur_01H455VB4PEX5VSKNK084SN02Q",
        "cur_81h455vb4pex5vsknk084sn02q",
    ])
    func `what is no cursor is the caller's mistake`(_ text: String) {
        let error = #expect(throws: SpotterError.self) { try Cursor(text) }
        #expect(error?.code == .invalid && error?.issues.map(\.pointer) == ["/after"])
    }
}
