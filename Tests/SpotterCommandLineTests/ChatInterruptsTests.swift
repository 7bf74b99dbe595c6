import Testing

@testable import SpotterCommandLine

struct ChatInterruptsTests {
    @Test func `the first Ctrl-C cancels the answer, the second leaves`() {
        var interrupts = ChatInterrupts()
        interrupts.begin()
        #expect(interrupts.receive() == .cancel)
        #expect(interrupts.receive() == .leave)
    }

    @Test func `Ctrl-C while nobody answers leaves, and each answer can be cancelled anew`() {
        var interrupts = ChatInterrupts()
        #expect(interrupts.receive() == .leave)
        for _ in 0..<2 {
            interrupts.begin()
            #expect(interrupts.receive() == .cancel)
            interrupts.end()
        }
        #expect(interrupts.receive() == .leave)
    }
}
