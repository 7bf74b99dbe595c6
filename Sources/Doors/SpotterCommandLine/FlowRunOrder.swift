public import SpotterDomain

/// A plan or a workflow to be run, as the terminal gives it.
public struct FlowRunOrder: Sendable {
    /// What is run.
    public enum Subject: Sendable {
        /// A plan in a file.
        case plan(file: String)
        /// A workflow in a file, which is not kept.
        case workflow(file: String)
        /// A workflow that the gym has, by its name or id.
        case kept(workflow: String)
    }

    /// The organisation's slug.
    public let organization: String
    /// What is run.
    public let subject: Subject
    /// What the run is given: an object.
    public let input: JSONValue

    /// An order.
    public init(organization: String, _ subject: Subject, input: JSONValue = .object(JSONObject())) {
        self.organization = organization
        self.subject = subject
        self.input = input
    }
}
