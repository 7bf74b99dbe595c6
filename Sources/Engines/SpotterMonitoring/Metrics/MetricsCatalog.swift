public import MetricsKit

/// Every metric that Spotter gives out. `spotter metrics list`, the reference and the dashboards are checked against it.
///
/// Labels are bounded: routes, kinds, outcomes and providers are few; of organisations, models and tools so many are told
/// apart as `mostSeries` says, and the rest count under `other`.
public enum MetricsCatalog {
    private static let organizations = 500

    /// Requests to the API.
    static let http: [MetricDescription] = [
        MetricDescription(
            "spotter_http_requests", .counter, "Requests that were answered, by route and class of status.",
            labels: ["method", "route", "status"], mostSeries: 5_000),
        MetricDescription(
            "spotter_http_request_duration_seconds", .histogram, "How long answering took, by route.", unit: "seconds",
            labels: ["method", "route"]),
        MetricDescription("spotter_http_requests_in_flight", .gauge, "Requests that are being answered."),
    ]

    /// The database.
    static let database: [MetricDescription] = [
        MetricDescription(
            "spotter_database_round_trip_duration_seconds", .histogram,
            "How long a request to the database took, waiting for a connection included.", unit: "seconds"),
        MetricDescription(
            "spotter_database_errors", .counter, "Requests to the database that failed, by kind.", labels: ["kind"]),
        MetricDescription("spotter_database_requests_in_flight", .gauge, "Requests that the database is asked now."),
        MetricDescription("spotter_database_requests_waiting", .gauge, "Requests that wait for a connection."),
        MetricDescription("spotter_database_connections", .gauge, "Open connections to the database."),
    ]

    /// The queue.
    static let queue: [MetricDescription] = [
        MetricDescription(
            "spotter_queue_ready_runs", .gauge, "Runs that are ready and wait for a worker, of all processes."),
        MetricDescription("spotter_queue_running_runs", .gauge, "Runs under way, of all processes."),
        MetricDescription(
            "spotter_queue_waiting_runs", .gauge,
            "Runs that wait for a time, a person or another run, of all processes."),
        MetricDescription(
            "spotter_queue_oldest_ready_seconds", .gauge, "For how long the oldest ready run has waited.",
            unit: "seconds"),
        MetricDescription("spotter_queue_workers", .gauge, "Processes that work on the queue."),
        MetricDescription(
            "spotter_queue_claim_duration_seconds", .histogram, "How long taking runs from the queue took.",
            unit: "seconds"),
        MetricDescription("spotter_queue_claimed_runs", .counter, "Runs that this process took from the queue."),
        MetricDescription(
            "spotter_queue_start_delay_seconds", .histogram,
            "Between the asking for a run and its start; runs that were planned for later are left out.",
            unit: "seconds"),
    ]

    /// Schedules.
    static let scheduler: [MetricDescription] = [
        MetricDescription(
            "spotter_schedule_fires", .counter, "Slots of schedules that were decided on, by outcome.",
            labels: ["outcome"]),
        MetricDescription(
            "spotter_schedule_lateness_seconds", .histogram, "How late slots of schedules were decided on.",
            unit: "seconds"),
    ]

    /// Runs of agents, tasks, plans and workflows.
    static let runs: [MetricDescription] = [
        MetricDescription(
            "spotter_runs", .counter, "Runs that ended in this process, by kind and outcome.",
            labels: ["kind", "outcome"]),
        MetricDescription(
            "spotter_run_duration_seconds", .histogram, "How long runs took, by kind.", unit: "seconds",
            labels: ["kind"]),
        MetricDescription("spotter_runs_in_progress", .gauge, "Runs that this process has under way."),
        MetricDescription(
            "spotter_agent_runs", .counter, "Runs of agents that ended, by organisation and outcome.",
            labels: ["organization", "outcome"], mostSeries: 3 * organizations),
        MetricDescription(
            "spotter_agent_busy_seconds", .counter,
            "How long agents were at work; its rate over their number is their utilisation.", unit: "seconds",
            labels: ["organization"], mostSeries: organizations),
        MetricDescription(
            "spotter_agent_response_seconds", .histogram, "How long messages to agents took to be answered.",
            unit: "seconds"),
        MetricDescription(
            "spotter_task_runs", .counter, "Runs of tasks that ended, by outcome.", labels: ["outcome"]),
        MetricDescription(
            "spotter_workflow_runs", .counter, "Runs of plans and workflows that ended, by outcome.",
            labels: ["outcome"]),
        MetricDescription("spotter_runs_given_up", .counter, "Runs that failed for good after all their attempts."),
    ]

    /// Providers of models, tools, money.
    static let calls: [MetricDescription] = [
        MetricDescription(
            "spotter_model_calls", .counter, "Calls of models, by provider, model and outcome.",
            labels: ["provider", "model", "outcome"], mostSeries: 500),
        MetricDescription(
            "spotter_model_call_duration_seconds", .histogram, "How long calls of models took, by provider.",
            unit: "seconds", labels: ["provider"]),
        MetricDescription(
            "spotter_model_first_token_seconds", .histogram,
            "How long the first word of a streamed answer took, by provider.", unit: "seconds", labels: ["provider"]),
        MetricDescription(
            "spotter_model_tokens", .counter, "Tokens that calls of models used, by provider and direction.",
            labels: ["provider", "direction"]),
        MetricDescription(
            "spotter_provider_breaker_open", .gauge,
            "Whether calls of a provider are refused for a while because it failed, for anybody.", labels: ["provider"]),
        MetricDescription(
            "spotter_tool_calls", .counter, "Calls of tools that ended, by tool and outcome.",
            labels: ["tool", "outcome"], mostSeries: 500),
        MetricDescription(
            "spotter_tool_call_duration_seconds", .histogram, "How long calls of tools took, by tool.", unit: "seconds",
            labels: ["tool"], mostSeries: 250),
        MetricDescription(
            "spotter_billed_usd", .counter, "What calls of models cost, billed, by provider.", unit: "usd",
            labels: ["provider"]),
    ]

    /// Events, hooks, alerts, traces, the process.
    static let rest: [MetricDescription] = [
        MetricDescription(
            "spotter_events", .counter, "Events that this process has written, by family.", labels: ["family"],
            mostSeries: 50),
        MetricDescription("spotter_event_readers", .gauge, "Streams of events that are being read."),
        MetricDescription(
            "spotter_hook_messages", .counter, "Messages of other systems that came to a hook, by outcome.",
            labels: ["outcome"]),
        MetricDescription(
            "spotter_webhook_deliveries", .counter, "Deliveries to other systems, by outcome.", labels: ["outcome"]),
        MetricDescription(
            "spotter_alert_changes", .counter,
            "Alerts that have begun to fire or have stopped, in this process's looks.",
            labels: ["severity", "state"]),
        MetricDescription("spotter_alert_looks", .counter, "Looks at alerts that were written."),
        MetricDescription("spotter_trace_spans_sent", .counter, "Spans that a collector has taken."),
        MetricDescription(
            "spotter_trace_spans_dropped", .counter,
            "Spans that were given up: the line was full, or the collector away."),
        MetricDescription(
            "spotter_process_resident_memory_bytes", .gauge, "Memory that the process has in hand.", unit: "bytes"),
        MetricDescription(
            "spotter_process_start_time_seconds", .gauge, "When the process began, in Unix time.", unit: "seconds"),
        MetricDescription("spotter_build_info", .gauge, "1, with the version of the build.", labels: ["version"]),
    ]

    /// All of them.
    public static let all: [MetricDescription] = http + database + queue + scheduler + runs + calls + rest
}
