import Foundation
import MailKit

/// Any bytes as an address, and as every text of a message: an address that is accepted is plainly one, and a message
/// that is written has the fields it should have, in lines that SMTP takes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMailMessage(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    if let address = try? EmailAddress(text) {
        precondition(address.description.utf8.allSatisfy { (0x21...0x7E).contains($0) }, "a byte that no address has")
        precondition(!"<>,;:\"()[]\\".contains { address.description.contains($0) }, "a mark that no address has")
        precondition((try? EmailAddress(address.description)) == address, "the second reading differs")
    }
    _ = try? Mailbox(text)
    _ = SMTPServer(address: text)
    guard let sender = try? EmailAddress("a@example.com") else { preconditionFailure("no sender") }
    var message = MailMessage(
        from: Mailbox(sender, name: text), to: [Mailbox(sender, name: text)], subject: text, text: text, html: text,
        messageID: "1@example.com", date: Date(timeIntervalSince1970: 0))
    message.headers = [.init("X-Text", text)]
    if let bytes = try? message.encoded() { check(bytes) }
    message.from.name = nil
    message.to = [Mailbox(sender)]
    message.subject = "s"
    message.headers = []
    message.attachments = [.init(name: "a", contentType: "text/plain", content: Array(text.utf8))]
    if let bytes = try? message.encoded() { check(bytes) }
    return 0
}

private func check(_ bytes: [UInt8]) {
    let marks: [UInt8] = [0x09, 0x0D, 0x0A]
    precondition(bytes.allSatisfy { (0x20...0x7E).contains($0) || marks.contains($0) }, "a byte over seven bits")
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
    for line in lines {
        precondition(line.last == 0x0D && line.count <= 999, "a line without its end, or one that is too long")
        precondition(!line.dropLast().contains(0x0D), "a lone CR")
    }
    let head = lines.prefix { $0.count > 1 }.filter { $0.first != 0x20 }
    let names = head.map { String(decoding: $0.prefix { $0 != 0x3A }, as: UTF8.self) }
    let known = ["Date", "From", "To", "Message-ID", "Subject", "X-Text", "MIME-Version", "Content-Type"]
    precondition(names.allSatisfy(known.contains) && Set(names).count == names.count, "a field that nobody wrote")
}
