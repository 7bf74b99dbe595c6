import Foundation
import Testing

@testable import PostgresKit

struct RequestTests {
    @Test func `a cancellation that comes before anybody waits is told to who waits then`() async {
        let request = Request(.none, [], purpose: .single)
        request.finish(throwing: CancellationError())
        await #expect(throws: CancellationError.self) {
            _ = try await withUnsafeThrowingContinuation { request.onCompletion($0) }
        }
        let waiter = Waiter()
        waiter.fail(CancellationError())
        await #expect(throws: CancellationError.self) {
            try await withUnsafeThrowingContinuation { waiter.start($0) }
        }
    }

    @Test func `the first error of a request is the one that is told`() async {
        let request = Request(.none, [], purpose: .single)
        request.receive(PostgresError(kind: .server, sqlState: "23505", message: "first"))
        request.receive(PostgresError(kind: .server, sqlState: "25P02", message: "echo"))
        request.finish()
        let error = await failure { _ = try await withUnsafeThrowingContinuation { request.onCompletion($0) } }
        #expect(error?.sqlState == "23505")
    }
}
