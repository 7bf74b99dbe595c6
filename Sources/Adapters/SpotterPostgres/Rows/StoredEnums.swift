import PostgresKit
import SpotterDomain

// Stored as their raw values.
extension Organization.Plan: PostgresDecodable {}
extension Role: PostgresDecodable {}
extension Priority: PostgresDecodable {}
extension Message.Role: PostgresDecodable {}
extension Execution.Kind: PostgresDecodable {}
extension ExecutionState: PostgresDecodable {}
extension Step.Kind: PostgresDecodable {}
extension Step.State: PostgresDecodable {}
extension Client.Status: PostgresDecodable {}
