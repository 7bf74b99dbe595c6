import Foundation

extension MailMessage {
    /// The most bytes of all texts and attachments together.
    public static let maximumBytes = 20 << 20

    /// Fields that the message writes itself, or that frame it: nobody else may.
    private static let own: Set<String> = [
        "bcc", "cc", "content-transfer-encoding", "content-type", "date", "from", "message-id", "mime-version",
        "received", "reply-to", "return-path", "sender", "subject", "to",
    ]

    /// The message as it goes over the wire: RFC 5322 and MIME, seven bits, lines that end with CRLF and are at most
    /// 998 bytes long. Lines that begin with a dot are left to SMTP.
    ///
    /// - Throws: what cannot be written, above all a line end in a field, which would begin another field.
    public func encoded() throws(MailMessageError) -> [UInt8] {
        try validate()
        var text = head
        let boundaries = (mixed: "=_mixed", alternative: "=_alternative")
        if attachments.isEmpty {
            text += body(boundaries.alternative)
        } else {
            text += "Content-Type: multipart/mixed; boundary=\"\(boundaries.mixed)\"\r\n\r\n"
            text += "--\(boundaries.mixed)\r\n" + body(boundaries.alternative) + "\r\n"
            for attachment in attachments { text += "--\(boundaries.mixed)\r\n" + Self.part(attachment) + "\r\n" }
            text += "--\(boundaries.mixed)--\r\n"
        }
        return Array(text.utf8)
    }

    private var head: String {
        var text = HeaderText.folded("Date", [HeaderText.date(date)])
        text += HeaderText.folded("From", HeaderText.words(of: from))
        text += HeaderText.folded("To", Self.list(to))
        if let replyTo { text += HeaderText.folded("Reply-To", HeaderText.words(of: replyTo)) }
        text += HeaderText.folded("Message-ID", ["<\(messageID)>"])
        text += HeaderText.field("Subject", unstructured: subject)
        for header in headers { text += HeaderText.field(header.name, unstructured: header.value) }
        return text + "MIME-Version: 1.0\r\n"
    }

    private static func list(_ mailboxes: [Mailbox]) -> [String] {
        mailboxes.enumerated().flatMap { index, mailbox in
            var words = HeaderText.words(of: mailbox)
            if index < mailboxes.count - 1, let last = words.popLast() { words.append(last + ",") }
            return words
        }
    }

    /// The text, or text and HTML as alternatives: those who can show the last one do (RFC 2046 §5.1.4).
    private func body(_ boundary: String) -> String {
        guard let html else { return Self.part("text/plain", text) + "\r\n" }
        return "Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n"
            + "--\(boundary)\r\n" + Self.part("text/plain", text) + "\r\n"
            + "--\(boundary)\r\n" + Self.part("text/html", html) + "\r\n--\(boundary)--\r\n"
    }

    private static func part(_ type: String, _ text: String) -> String {
        "Content-Type: \(type); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
            + TransferEncoding.quotedPrintable(text)
    }

    private static func part(_ attachment: Attachment) -> String {
        // RFC 2231 for every name: one form is enough for all.
        let name = attachment.name.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "-._".utf8.contains(byte)
            return isPlain
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
        let charset = attachment.contentType.lowercased().hasPrefix("text/") ? "; charset=utf-8" : ""
        return "Content-Type: \(attachment.contentType)\(charset)\r\nContent-Transfer-Encoding: base64\r\n"
            + "Content-Disposition: attachment; filename*=UTF-8''\(name)\r\n\r\n"
            + TransferEncoding.base64(attachment.content)
    }

    // MARK: What may be written

    private func validate() throws(MailMessageError) {
        guard !to.isEmpty else { throw MailMessageError(part: "list of receivers", problem: "is empty") }
        for mailbox in [from] + to + [replyTo].compactMap({ $0 }) {
            try Self.checkLine(mailbox.name ?? "", "name of \(mailbox == from ? "the sender" : "a receiver")", 200)
        }
        try Self.checkLine(subject, "subject", 900)
        guard !messageID.isEmpty, messageID.utf8.count <= 250, messageID.split(separator: "@").count == 2,
            messageID.utf8.allSatisfy({ EmailAddress.isAtomByte($0) || $0 == 0x2E || $0 == 0x40 })
        else { throw MailMessageError(part: "message id", problem: "must be left@right in plain characters") }
        for header in headers { try Self.check(header) }
        for attachment in attachments { try Self.check(attachment) }
        for (part, body) in [("text", text), ("HTML", html ?? "")] where body.utf8.contains(0) {
            throw MailMessageError(part: part, problem: "holds the character NUL")
        }
        let bytes = text.utf8.count + (html?.utf8.count ?? 0) + attachments.reduce(0) { $0 + $1.content.count }
        guard bytes <= Self.maximumBytes else { throw MailMessageError(part: "message", problem: "is over 20 MiB") }
    }

    private static func checkLine(_ text: String, _ part: String, _ limit: Int) throws(MailMessageError) {
        guard HeaderText.isOneLine(text) else {
            throw MailMessageError(part: part, problem: "holds a line end or another control character")
        }
        guard text.utf8.count <= limit else {
            throw MailMessageError(part: part, problem: "is longer than \(limit) bytes")
        }
    }

    private static func check(_ header: Header) throws(MailMessageError) {
        guard !header.name.isEmpty, header.name.utf8.count <= 70,
            header.name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x3A })
        else { throw MailMessageError(part: "name of a header", problem: "must be visible ASCII without a colon") }
        guard !own.contains(header.name.lowercased()) else {
            throw MailMessageError(part: "header \(header.name)", problem: "is written by the message itself")
        }
        try checkLine(header.value, "header \(header.name)", 900)
    }

    private static func check(_ attachment: Attachment) throws(MailMessageError) {
        try checkLine(attachment.name, "name of an attachment", 100)
        let parts = attachment.contentType.split(separator: "/", omittingEmptySubsequences: false)
        let isToken = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy(EmailAddress.isAtomByte) }
        guard parts.count == 2, parts.allSatisfy(isToken), attachment.contentType.utf8.count <= 100 else {
            throw MailMessageError(part: "type of an attachment", problem: "must be such as text/csv")
        }
    }
}
