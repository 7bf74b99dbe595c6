// How agents write themselves: as their synthesised `Encodable` would, which a test holds.

extension AgentSettings: JSONWritable {
    /// The members in order; what is nil is left out.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("description", description)
            json.member("role", role)
            json.member("system_prompt", systemPrompt)
            json.member("model", model)
            json.member("tools", tools)
            json.member("capabilities", capabilities)
            json.member("actions", actions)
            json.member("max_concurrent", maxConcurrent)
            json.member("external", external)
            json.member("priority", priority?.rawValue)
            json.member("temperature", temperature)
            json.member("max_output_tokens", maxOutputTokens)
            json.member("limits", limits)
            json.member("context", context)
            json.member("enabled", enabled)
            json.member("metadata", metadata)
        }
    }
}

extension AgentLimits: JSONWritable {
    /// The members in order; what is nil is left out.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("max_steps", maxSteps)
            json.member("timeout_seconds", timeoutSeconds)
            json.member("max_cost", maxCost.map { "\($0)" })
            json.member("max_tokens", maxTokens)
        }
    }
}

extension AgentAction: JSONWritable {
    /// The members in order; what is nil is left out.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("name", name)
            json.member("description", description)
            json.member("parameters", parameters)
        }
    }
}

extension ExternalAgent: JSONWritable {
    /// The members in order; what is nil is left out.
    public func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("endpoint", endpoint)
            json.member("heartbeat_seconds", heartbeatSeconds)
        }
    }
}
