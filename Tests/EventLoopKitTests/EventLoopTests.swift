import EventLoopKit
import Testing

@Suite struct EventLoopTests {
    @Test func `a task that prefers the loop runs on its thread and stays there`() async {
        let loop = EventLoop()
        let seen = await Task(executorPreference: loop) {
            let before = loop.isCurrent
            await Task.yield()
            return [before, loop.isCurrent, EventLoop.current === loop]
        }.value
        #expect(seen == [true, true, true])
        loop.stop()
    }

    @Test func `work from another thread runs in the order it was given`() async {
        let loop = EventLoop()
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
        for number in 0..<100 { loop.execute { continuation.yield(number) } }
        loop.execute { continuation.finish() }
        var numbers: [Int] = []
        for await number in stream { numbers.append(number) }
        #expect(numbers == Array(0..<100))
        loop.stop()
    }

    @Test func `what is asked for at the end of a turn runs after the turn's tasks`() async {
        let loop = EventLoop()
        let order = await Task(executorPreference: loop) {
            await withCheckedContinuation { (done: CheckedContinuation<[String], Never>) in
                nonisolated(unsafe) var order: [String] = []
                loop.atEndOfTurn {
                    order.append("end of turn")
                    done.resume(returning: order)
                }
                loop.execute { order.append("task") }
            }
        }.value
        #expect(order == ["task", "end of turn"])
        loop.stop()
    }

    @Test func `a cancelled timer does not fire and another does`() async {
        let loop = EventLoop()
        let fired = await Task(executorPreference: loop) {
            await withCheckedContinuation { (done: CheckedContinuation<String, Never>) in
                let first = loop.schedule(after: .milliseconds(1)) { done.resume(returning: "cancelled one") }
                first.cancel()
                nonisolated(unsafe) var second: LoopTimer?
                second = loop.schedule(after: .milliseconds(2)) {
                    done.resume(returning: "other")
                    second = nil
                }
                _ = second
            }
        }.value
        #expect(fired == "other")
        loop.stop()
    }

    @Test func `stopping twice is harmless`() {
        let loop = EventLoop()
        loop.stop()
        loop.stop()
    }
}
