import SpotterDomain

/// Fields that several messaging tools have, described once.
enum MessageArgumentFields {
    static let subject = Field(
        "The e-mail's subject, one line. Needed for an e-mail of your own words; a template has its own.",
        length: 1...200, example: "Your trial on Tuesday")
    static let body = Field(
        "The message in Markdown, in your own words. Not together with template.", length: 1...20_000,
        example: "Hi Ana,\n\nyour place in **Spin** on Tuesday at 18:30 is booked.")
    static let template = Field(
        "The name of one of the gym's templates, such as payment-failed, in place of body.", length: 1...63,
        example: "class-reminder")
    static let variables = Field(
        "The values that the template asks for, by name. The person's and the gym's names are filled in.",
        example: ["class": "Spin", "time": "Tuesday, 18:30"])
    static let purpose = Field(
        "transactional for what the person asked for or has to know; marketing for everything else, which needs their "
            + "consent. transactional if left out. A template says it itself.")
    static let channel = Field(
        "email or sms. If left out, e-mail where there is an address, or else SMS.")
}
