/// One thing that every implementation of the stores does.
///
/// The suite is data, so that one parametrised test runs it against each implementation:
///
///     @Test(arguments: StoreConformance.behaviours)
///     func `PostgreSQL keeps the promises of the stores`(_ behaviour: StoreBehaviour) async throws {
///         try await behaviour.check(TestStores.shared.stores)
///     }
///
/// Behaviours run in parallel on the same stores, each in organisations of its own.
public struct StoreBehaviour: Sendable, CustomStringConvertible {
    /// A sentence.
    public let description: String
    private let body: @Sendable (StoreSet) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (StoreSet) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Throws when `stores` do not behave so.
    public func check(_ stores: StoreSet) async throws { try await body(stores) }
}

/// What a store did otherwise than promised.
public struct NonConformance: Error, CustomStringConvertible {
    /// Where and how.
    public let description: String
}

/// Fails the behaviour unless `condition` holds.
func require(
    _ condition: Bool, _ message: @autoclosure () -> String = "the condition does not hold",
    file: StaticString = #fileID, line: UInt = #line
) throws {
    if !condition { throw NonConformance(description: "\(file):\(line): \(message())") }
}

/// Fails the behaviour unless both are equal.
func requireEqual<Value: Equatable>(
    _ value: Value, _ expected: Value, file: StaticString = #fileID, line: UInt = #line
) throws {
    try require(value == expected, "\(value) is not \(expected)", file: file, line: line)
}

/// The value, or a failed behaviour when there is none.
func unwrap<Value>(_ value: Value?, file: StaticString = #fileID, line: UInt = #line) throws -> Value {
    guard let value else { throw NonConformance(description: "\(file):\(line): there is no value") }
    return value
}
