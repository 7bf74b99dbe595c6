/// Marks the ids of tasks.
public enum WorkItemKind: IdentifierKind {
    /// Ids begin with `task_`.
    public static let prefix = "task"
}

/// The id of a task, such as `task_01h…`. Swift owns the word `Task`: inside, a task is a work item.
public typealias WorkItemID = Identifier<WorkItemKind>
