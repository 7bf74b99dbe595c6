import Foundation
import SpotterDomain
import SpotterProviders
import SpotterTesting
import SpotterTools
import Testing

/// Tools to be offline with.
enum OfflineFixtures {
    /// The three real tools, as the catalogue describes them.
    static let gym: [ToolDescription] = {
        let stores = StoreSet.memory()
        return ToolCatalog.tools(clients: stores.clients, schedule: stores.schedule).tools.map(\.modelDescription)
    }()

    /// A dozen invented ones.
    static let invented: [ToolDescription] = [
        tool(
            "send_message_to_client", "Send a message to a member by e-mail or text.",
            required("recipient", text("Whom it goes to: an e-mail address, phone number or name.")),
            required("message", text("What to say.")),
            optional("channel", choice("email", "sms", "push"))),
        tool(
            "create_support_ticket", "Open a support ticket for a problem that a person has to look at.",
            required("title", text("What is wrong, in one line.")),
            optional("priority", choice("low", "normal", "urgent"))),
        tool(
            "query_payments", "List payments and invoices of a period with their amounts and whether they failed.",
            optional("from", text("First day, YYYY-MM-DD.")), optional("to", text("Last day, YYYY-MM-DD.")),
            optional("status", choice("paid", "failed", "refunded")),
            optional("limit", JSONSchema(.integer, description: "The most to answer."))),
        tool(
            "revenue_report", "Total revenue and growth for a month or quarter.",
            required("period", choice("month", "quarter", "year"))),
        tool(
            "book_trial_class", "Book a trial class for somebody who is not a member yet.",
            required("name", text("Who comes.")), required("email", JSONSchema(.string, format: "email")),
            required("date", text("The day: YYYY-MM-DD."))),
        tool(
            "update_client_status", "Change the membership status of a member: activate, pause or cancel it.",
            required("client_id", JSONSchema(.string, pattern: "^client_[0-7][0-9a-z]{25}$")),
            required("status", choice("active", "paused", "cancelled"))),
        tool(
            "churn_risk", "Members at risk of leaving, with a score and the reason.",
            optional("minimum_score", JSONSchema(.integer, description: "0 to 100.")),
            optional("include_paused", JSONSchema(.boolean, description: "Also paused members."))),
        tool(
            "get_weather", "The weather forecast of a city.", required("city", text("Name of the city.")),
            optional("days", JSONSchema(.integer, description: "How many days."))),
        tool(
            "calculate_discount", "Work out the price after a discount.",
            required("amount", JSONSchema(.number, description: "The price.")),
            required("percent", JSONSchema(.number, description: "The discount."))),
        tool(
            "notify_staff", "Alert the staff at once about something dangerous.",
            required("message", text("What happened."))),
        tool("list_equipment", "The machines of the gym and when each was serviced."),
        tool(
            "export_leads", "Export leads and prospects to a file.", required("format", choice("csv", "xlsx")),
            optional("tags", .array(of: JSONSchema(.string, values: ["hot", "cold", "web"])))),
    ]

    static func ask(_ texts: String..., tools: [ToolDescription] = gym, system: String = "") -> ModelResponse {
        OfflineModel().answer(request(texts.map(ModelMessage.user), tools: tools, system: system))
    }

    static func request(
        _ messages: [ModelMessage], tools: [ToolDescription] = gym, system: String = "", isStreaming: Bool = false
    ) -> ModelRequest {
        ModelRequest(model: "offline", system: system, messages: messages, tools: tools, isStreaming: isStreaming)
    }

    static func said(_ text: String) -> ModelMessage { ModelMessage(role: .assistant, parts: [.text(text)]) }

    private static func tool(
        _ name: String, _ summary: String, _ properties: JSONSchema.Property...
    ) -> ToolDescription {
        ToolDescription(name: name, summary: summary, parameters: .object(properties))
    }
    private static func required(_ name: String, _ schema: JSONSchema) -> JSONSchema.Property { .init(name, schema) }
    private static func optional(_ name: String, _ schema: JSONSchema) -> JSONSchema.Property {
        .init(name, schema, isRequired: false)
    }
    private static func text(_ description: String) -> JSONSchema { JSONSchema(.string, description: description) }
    private static func choice(_ values: String...) -> JSONSchema { JSONSchema(.string, values: values) }
}

/// A question and the call that must come of it; no call where `tool` is nil.
struct OfflineCase: Sendable, CustomStringConvertible {
    let question: String
    let tool: String?
    let arguments: JSONValue

    init(_ question: String, _ tool: String?, _ arguments: JSONValue = [:]) {
        self.question = question
        self.tool = tool
        self.arguments = arguments
    }

    var description: String { question }
}
