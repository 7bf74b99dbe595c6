/// Every command there is.
enum CommandTable {
    static let commands: [any Command] = [
        UpCommand(), ServeCommand(), MigrateCommand(),
        TenantsValidateCommand(), TenantsApplyCommand(), TenantsListCommand(), TenantsOffboardCommand(),
        TemplatesSeedCommand(), WorkflowValidateCommand(), WorkflowDrawCommand(),
        TokenIssueCommand(), TokenInspectCommand(), TokenCheckCommand(), TokenListCommand(), TokenRevokeCommand(),
        TokenRotateCommand(),
        SecretsSetCommand(), SecretsListCommand(), SecretsDeleteCommand(), SecretsRotateCommand(),
        SecretsNewKeyCommand(),
        ApprovalsListCommand(), ApprovalsShowCommand(), ApprovalsApproveCommand(), ApprovalsRejectCommand(),
        OutboxListCommand(), OutboxRetryCommand(), OutboxCancelCommand(),
        HooksListCommand(), HooksListenCommand(),
        ConnectorsListCommand(), ConnectorsCheckCommand(), ConnectorsStatusCommand(), ConnectorsSyncCommand(),
        QueueStatsCommand(), QueuePauseCommand(), QueueResumeCommand(), QueueDeadCommand(), QueueRequeueCommand(),
        ExecutionsShowCommand(), ScheduleNextCommand(), ScheduleListCommand(), ScheduleStatusCommand(),
        AuditVerifyCommand(), AuditCheckpointCommand(), AuditExportCommand(),
        PrivacyExportCommand(), PrivacyEraseCommand(), BackupCommand(), RestoreCommand(),
        BillingVerifyCommand(), BillingCloseCommand(),
        BillingCorrectCommand(), ImportCommand(), ExportCommand(),
        DemoCommand(), ChatCommand(), RunCommand(), PlanRunCommand(), WorkflowRunCommand(), ExampleCommand(),
        OpenAPICommand(), SchemaCommand(),
        DoctorCommand(),
        BenchCommand(), BenchLimitsCommand(), BenchHooksCommand(), BenchAuditCommand(), BenchQueueCommand(),
        BenchPlanCommand(),
        BenchAgentCommand(), BenchScheduleCommand(), BenchGymCommand(), BenchMetricsCommand(),
        MetricsListCommand(),
        CompletionCommand(),
        VersionCommand(),
    ]

    /// The command that the words call, and what follows its name. A command with two words is found before one with one.
    static func find(_ words: [String]) -> (command: any Command, rest: [String])? {
        for length in [2, 1] where words.count >= length {
            if let command = commands.first(where: { $0.path == Array(words.prefix(length)) }) {
                return (command, Array(words.dropFirst(length)))
            }
        }
        return nil
    }
}
