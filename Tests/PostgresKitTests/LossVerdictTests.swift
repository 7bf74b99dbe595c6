import Foundation
import Testing

@testable import PostgresKit

struct LossVerdictTests {
    private static let farewell = PostgresError(kind: .unavailable, sqlState: "57P01", message: "going down")

    private func request(readOnly: Bool = false, purpose: Request.Purpose = .single) -> Request {
        Request(.scope(Scope(organization: UUID(), isReadOnly: readOnly)), [Statement("SELECT 1")], purpose: purpose)
    }

    private func parts(_ request: Request) -> [LossVerdict.Part] {
        [
            LossVerdict.Part(request: request, isSync: false), LossVerdict.Part(request: request, isSync: false),
            LossVerdict.Part(request: request, isSync: true),
        ]
    }

    @Test func `without a farewell the outcome of writes is unknown, and reads can be sent again`() {
        let (running, write, read) = (request(readOnly: true), request(), request(readOnly: true))
        let steps = parts(running) + parts(write) + parts(read)
        let verdict = LossVerdict(steps: steps, serverEndedSession: nil)
        #expect(verdict.failed.map(\.1.kind) == [.outcomeUnknown])
        #expect(verdict.notBegun.map(ObjectIdentifier.init) == [running, read].map(ObjectIdentifier.init))
        // What was running may be what ended the session: it gets one more chance, and no third.
        running.restart()
        let second = LossVerdict(steps: steps, serverEndedSession: Self.farewell)
        #expect(second.failed.map(\.1.kind) == [.unavailable])
        #expect(second.failed.first?.0 === running)
    }

    @Test func `after a farewell what was behind can be sent again, and what was running failed for certain`() {
        let (running, behind) = (request(), request())
        let verdict = LossVerdict(steps: parts(running) + parts(behind), serverEndedSession: Self.farewell)
        #expect(verdict.failed.map(\.1.kind) == [.unavailable])
        #expect(verdict.failed.first?.0 === running)
        #expect(verdict.notBegun.map(ObjectIdentifier.init) == [ObjectIdentifier(behind)])
    }

    @Test func `a farewell during the commit leaves the outcome unknown`() {
        let committing = request()
        let implicit = LossVerdict(steps: [parts(committing)[2]], serverEndedSession: Self.farewell)
        #expect(implicit.failed.map(\.1.kind) == [.outcomeUnknown])
        let commit = request(purpose: .commit)
        let explicit = LossVerdict(steps: Array(parts(commit).dropFirst()), serverEndedSession: Self.farewell)
        #expect(explicit.failed.map(\.1.kind) == [.outcomeUnknown])
    }

    @Test func `a step of a transaction is never repeated: its transaction is gone`() {
        let (other, step) = (request(), request(purpose: .step))
        let verdict = LossVerdict(steps: parts(other) + parts(step), serverEndedSession: Self.farewell)
        #expect(verdict.notBegun.isEmpty)
        #expect(verdict.failed.last?.1.kind == .unavailable)
    }

    @Test func `a request is not repeated for ever`() {
        let (first, unlucky) = (request(), request())
        unlucky.restart()
        unlucky.restart()
        let verdict = LossVerdict(steps: parts(first) + parts(unlucky), serverEndedSession: Self.farewell)
        #expect(verdict.notBegun.isEmpty)
        #expect(verdict.failed.count == 2)
    }

    @Test func `requests that were given up are nobody's concern`() {
        let request = request()
        request.finish(throwing: CancellationError())
        let verdict = LossVerdict(steps: parts(request), serverEndedSession: nil)
        #expect(verdict.failed.isEmpty && verdict.notBegun.isEmpty)
    }
}

struct FIFOTests {
    @Test func `elements leave in the order in which they came, also when the ring grows and wraps`() {
        var queue = FIFO<Int>()
        var expected: [Int] = []
        for number in 0..<1_000 {
            if number.isMultiple(of: 10) {
                queue.prepend(number)
                expected.insert(number, at: 0)
            } else {
                queue.append(number)
                expected.append(number)
            }
            if number.isMultiple(of: 3) {
                let first = queue.popFirst()
                #expect(first == expected.removeFirst())
            }
            #expect(queue.count == expected.count && queue.first == expected.first)
        }
        #expect(queue.removeAll() == expected)
        #expect(queue.isEmpty && queue.popFirst() == nil)
    }
}
