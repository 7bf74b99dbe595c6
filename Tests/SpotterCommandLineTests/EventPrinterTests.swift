import Foundation
import SpotterDomain
import Synchronization
import Testing

@testable import SpotterCommandLine

struct EventPrinterTests {
    private func shown(_ type: EventType, _ data: JSONValue) -> String {
        let output = Mutex("")
        let terminal = Terminal(
            isInteractive: false, usesColor: false,
            output: { text in
                output.withLock { $0 += text }
                return .written
            }, errors: { _ in }, input: { nil })
        let printer = EventPrinter(terminal)
        printer.show(
            Event(position: 1, type: type.rawValue, execution: nil, at: Date(timeIntervalSince1970: 0), data: data))
        return output.withLock { $0 }
    }

    @Test func `what waits for an approval is shown with how to decide`() {
        let text = shown(
            .approvalRequested,
            [
                "approval_id": "approval_1", "message": "Desk wants to use send_email.", "tool": "send_email",
                "arguments": ["to": "ana@gym.test\u{1B}[2J"], "expires_at": "2026-11-22T10:00:00.000Z",
            ])
        #expect(
            text == """
                Waiting for an approval: Desk wants to use send_email.
                  send_email {"to":"ana@gym.test\\u001b[2J"}
                  Decide with POST /v1/approvals/approval_1/decision and {"approved": true}, or false to refuse.
                  Until 2026-11-22T10:00:00.000Z.

                """)
    }

    @Test func `what was decided is shown with who did`() {
        #expect(
            shown(.approvalDecided, ["approved": true, "by": "dana", "comment": "Fine."]) == "approved by dana: Fine.\n"
        )
        #expect(shown(.approvalDecided, ["approved": false, "by": "dana"]) == "rejected by dana\n")
        #expect(shown(.approvalExpired, [:]) == "nobody decided in time\n")
    }
}
