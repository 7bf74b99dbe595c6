/// The receipt of a request that changes an execution: written with the change, in one transaction, and answered from
/// what the execution is then.
public struct ExecutionReceipt: Sendable {
    /// Without a response yet.
    public let receipt: Receipt
    /// What the request is answered with.
    public let response: @Sendable (Execution) throws -> Receipt.Response

    /// A receipt whose answer `response` makes.
    public init(_ receipt: Receipt, response: @escaping @Sendable (Execution) throws -> Receipt.Response) {
        self.receipt = receipt
        self.response = response
    }

    /// The receipt with its answer.
    public func answered(with execution: Execution) throws -> Receipt {
        var receipt = receipt
        receipt.response = try response(execution)
        return receipt
    }
}
