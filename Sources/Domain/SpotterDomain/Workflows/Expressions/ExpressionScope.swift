/// What an expression may name: values by name, and families of values that are looked up one by one.
///
/// Cheap to make: a family, such as the nodes of a run, costs nothing until something of it is asked for.
public struct ExpressionScope: Sendable {
    /// Finds a member of a family by its name; nil where there is none.
    public typealias Lookup = @Sendable (String) -> JSONValue?

    private var values: [String: JSONValue]
    private var families: [String: Lookup]

    /// - Parameters:
    ///   - values: by name, such as `input` and `vars`.
    ///   - families: by name, such as `nodes`; an expression names a member of them, never all of them.
    public init(_ values: [String: JSONValue] = [:], families: [String: Lookup] = [:]) {
        self.values = values
        self.families = families
    }

    /// The same with one more value, which hides what had that name.
    public func with(_ name: String, _ value: JSONValue) -> ExpressionScope {
        var scope = self
        scope.values[name] = value
        return scope
    }

    func value(_ name: String) -> JSONValue? { values[name] }
    func family(_ name: String) -> Lookup? { families[name] }
    var names: [String] { values.keys.sorted() + families.keys.sorted() }
}
