public import Foundation

/// A message to be sent, with everything that its receivers see.
public struct MailMessage: Sendable {
    /// A file that goes along.
    public struct Attachment: Sendable {
        /// What receivers see, such as `report.csv`.
        public var name: String
        /// Such as `text/csv`; text is taken for UTF-8.
        public var contentType: String
        /// What is in it.
        public var content: [UInt8]

        /// A file of this name, type and content.
        public init(name: String, contentType: String, content: [UInt8]) {
            self.name = name
            self.contentType = contentType
            self.content = content
        }
    }

    /// A field of the head beside those that the message has anyway.
    public struct Header: Sendable, Hashable {
        /// Such as `List-Unsubscribe`.
        public var name: String
        /// One line, in any characters.
        public var value: String

        /// A field of this name and value.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Who sends it.
    public var from: Mailbox
    /// Who receives it; at least one.
    public var to: [Mailbox]
    /// Where answers go; nil means to the sender.
    public var replyTo: Mailbox?
    /// One line, in any characters.
    public var subject: String
    /// The message as plain text.
    public var text: String
    /// The same as HTML; nil sends text alone.
    public var html: String?
    /// Without the angle brackets, such as `a1b2@example.com`; the same for every try at the same message.
    public var messageID: String
    /// When it was written.
    public var date: Date
    /// Fields beside these.
    public var headers: [Header]
    /// Files that go along.
    public var attachments: [Attachment]

    /// A message of one text; set the rest afterwards.
    public init(
        from: Mailbox, to: [Mailbox], subject: String, text: String, html: String? = nil, messageID: String, date: Date
    ) {
        self.from = from
        self.to = to
        replyTo = nil
        self.subject = subject
        self.text = text
        self.html = html
        self.messageID = messageID
        self.date = date
        headers = []
        attachments = []
    }
}

/// Why a message cannot be written: the part, and what is wrong with it. Never repeats what it holds.
public struct MailMessageError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Such as `subject`.
    public let part: String
    /// Such as "holds a control character".
    public let problem: String

    /// The part and the problem, as a sentence.
    public var description: String { "the \(part) \(problem)" }
}
