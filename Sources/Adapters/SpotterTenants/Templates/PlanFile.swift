import Foundation
public import SpotterDomain

/// One plan in a file: YAML, or JSON where its name ends in `.json`.
public struct PlanFile: Sendable {
    private let file: ConfigurationFile

    /// - Parameter path: the file; messages name it so.
    public init(path: String) { file = ConfigurationFile(path: path) }

    /// The plan, checked as far as that is possible without an organisation.
    ///
    /// - Throws: `SpotterError` with code `.invalid`, one line an issue, and the `ConfigurationError` as its cause.
    public func load() throws -> PlanOrder {
        do throws(ConfigurationError) {
            return try file.document().decoded(as: PlanOrder.self) { plan in
                do { _ = try plan.checked() } catch { return (error as? SpotterError)?.issues ?? [] }
                return []
            }
        } catch {
            throw error.spotterError
        }
    }
}
