extension [AlertSettings] {
    /// What the schema cannot say of the alerts in an organisation's file.
    func issues(at pointer: String, isMailbox: (String) -> Bool) -> [FieldIssue] {
        var names: Set<String> = []
        return enumerated().flatMap { index, alert -> [FieldIssue] in
            let place = "\(pointer)/\(index)"
            var issues = alert.issues(isMailbox: isMailbox).map {
                FieldIssue(pointer: "\(place)\($0.pointer)", message: $0.message)
            }
            if !names.insert(FoldedText.fold(alert.name)).inserted {
                issues.append(FieldIssue(pointer: "\(place)/name", message: "is that of an alert before"))
            }
            return issues
        }
    }
}
