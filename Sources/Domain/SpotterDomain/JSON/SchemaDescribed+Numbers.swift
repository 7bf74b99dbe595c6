// Numbers of a width of their own: without these, a schema recorder would ask such a type for its members for ever.

extension SchemaDescribed where Self: FixedWidthInteger {
    /// An integer, with the bounds of the type where a double can say them.
    public static var schema: JSONSchema {
        var schema = JSONSchema(.integer)
        if bitWidth < 64 {
            schema.minimum = Double(min)
            schema.maximum = Double(max)
        } else if !isSigned {
            schema.minimum = 0
        }
        return schema
    }

    /// Zero.
    public static var sample: Self { 0 }
}

extension Int8: SchemaDescribed {}
extension Int16: SchemaDescribed {}
extension Int32: SchemaDescribed {}
extension UInt: SchemaDescribed {}
extension UInt8: SchemaDescribed {}
extension UInt16: SchemaDescribed {}
extension UInt32: SchemaDescribed {}
extension UInt64: SchemaDescribed {}

extension Float: SchemaDescribed {
    /// A number.
    public static var schema: JSONSchema { JSONSchema(.number) }
    /// Zero.
    public static var sample: Float { 0 }
}
