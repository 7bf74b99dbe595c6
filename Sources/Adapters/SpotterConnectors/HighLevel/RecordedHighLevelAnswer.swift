public import SpotterDomain

/// Reads recorded answers of HighLevel's, without a network: for tests of what any bytes do.
public enum RecordedHighLevelAnswer {
    /// What bytes are as a contact, an opportunity and a message; nothing where they are none.
    public static func read(
        _ bytes: [UInt8]
    ) -> (contact: CRMContact?, opportunity: CRMOpportunity?, message: CRMMessage?, refusal: CRMError) {
        let json = try? JSONParser.parse(bytes)
        let refusal = HighLevelFailure.error(
            status: 400, body: json, retryAfter: nil, noun: "contact", isRepeatable: true)
        guard let json else { return (nil, nil, nil, refusal) }
        return (
            try? HighLevelAnswer.contact(json["contact"] ?? json).contact,
            try? HighLevelAnswer.opportunity(json["opportunity"] ?? json), try? HighLevelAnswer.message(json), refusal
        )
    }
}
