import SpotterDomain

/// Requests that begin an execution and wait for it: the same key finds the same execution, whichever process carries it
/// to its end.
extension RequestContext {
    /// The receipt of an execution that begins; nil when the request has no key.
    func receipt(for execution: ExecutionID) -> Receipt? {
        idempotency.map {
            Receipt(key: $0.key, fingerprint: $0.fingerprint, execution: execution, createdAt: now)
        }
    }

    /// The key was used before: what was begun then.
    ///
    /// - Throws: `exists` where it was used for something else.
    func begun(after exists: ReceiptExists, _ services: Services) async throws -> ExecutionID {
        guard let key = idempotency,
            let receipt = try await services.receipts.receipt(forKey: key.key, in: scope),
            receipt.fingerprint == key.fingerprint, let id = receipt.execution
        else { throw exists }
        return id
    }

    /// The same, once it has ended.
    ///
    /// - Throws: `exists` while it has not, too.
    func ended(after exists: ReceiptExists, _ services: Services) async throws -> Execution {
        let execution = try await services.executions.execution(begun(after: exists, services), in: scope)
        guard execution.state.isTerminal else { throw exists }
        return execution
    }
}
