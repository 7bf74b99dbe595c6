/// Names of spans and their attributes, in one table.
///
/// Those of `gen_ai` follow OpenTelemetry's semantic conventions for generative AI, status Development, as of version 1.41
/// (open-telemetry/semantic-conventions-genai). Contents of questions and answers are never given out.
enum SpanNames {
    /// The conventions' place, as a scope of spans names its schema.
    static let schema = "https://opentelemetry.io/schemas/1.41.0"
    /// Who makes the spans.
    static let scope = "spotter"

    // Operations.
    static let chat = "chat"
    static let executeTool = "execute_tool"
    static let invokeAgent = "invoke_agent"
    static let invokeWorkflow = "invoke_workflow"
    static let plan = "plan"

    // Attributes of the conventions.
    static let operation = "gen_ai.operation.name"
    static let provider = "gen_ai.provider.name"
    static let requestModel = "gen_ai.request.model"
    static let maxTokens = "gen_ai.request.max_tokens"
    static let temperature = "gen_ai.request.temperature"
    static let responseModel = "gen_ai.response.model"
    static let responseID = "gen_ai.response.id"
    static let firstChunk = "gen_ai.response.time_to_first_chunk"
    static let finishReasons = "gen_ai.response.finish_reasons"
    static let inputTokens = "gen_ai.usage.input_tokens"
    static let outputTokens = "gen_ai.usage.output_tokens"
    static let cacheReadTokens = "gen_ai.usage.cache_read.input_tokens"
    static let cacheCreationTokens = "gen_ai.usage.cache_creation.input_tokens"
    static let reasoningTokens = "gen_ai.usage.reasoning.output_tokens"
    static let conversation = "gen_ai.conversation.id"
    static let agentID = "gen_ai.agent.id"
    static let agentName = "gen_ai.agent.name"
    static let agentVersion = "gen_ai.agent.version"
    static let toolName = "gen_ai.tool.name"
    static let toolType = "gen_ai.tool.type"
    static let toolCallID = "gen_ai.tool.call.id"
    static let errorType = "error.type"

    /// A tool that is called with arguments, whoever runs it.
    static let functionTool = "function"

    // Attributes of our own.
    static let execution = "spotter.execution.id"
    static let executionKind = "spotter.execution.kind"
    static let organization = "spotter.organization.id"
    static let task = "spotter.task.id"
    static let attempt = "spotter.attempt"
    static let step = "spotter.step.id"
    static let stepKind = "spotter.step.kind"
    static let state = "spotter.state"
    static let cost = "spotter.cost.billed"
    static let child = "spotter.child.execution.id"
    /// The id that a provider's support asks for.
    static let providerRequest = "spotter.provider.request.id"
}
