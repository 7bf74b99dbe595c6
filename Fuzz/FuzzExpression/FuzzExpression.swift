import SpotterDomain

/// Reads bytes as an expression and as a template, and works both out.
///
/// Whatever comes in, the answer is a value within its bounds or an error at a place of the text; and what is read twice
/// is the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzExpression(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)
    checkExpression(text)
    checkTemplate(["a": [.string(text)], "b": .string("x {{\(text)}} y")])
    return 0
}

private let scope = ExpressionScope(
    [
        "input": ["name": "Ana", "age": 31, "list": [1, "a", nil, [2.5]], "none": nil],
        "vars": ["n": 9_223_372_036_854_775_807, "d": 1e308, "s": "ä\u{301}b", "t": true], "output": "text",
    ],
    families: ["nodes": { $0 == "a" ? ["output": ["x": 1], "state": "completed"] : nil }])

private func check(_ error: ExpressionError, in text: String) {
    precondition(error.position >= 1 && error.position <= min(text.unicodeScalars.count, Expression.longest) + 1)
    precondition(!error.message.isEmpty && error.message.utf8.count < 1_000)
}

private func checkExpression(_ text: String) {
    let expression: Expression
    do throws(ExpressionError) {
        expression = try Expression(text)
    } catch {
        return check(error, in: text)
    }
    guard let again = try? Expression(expression.text) else { preconditionFailure("its own text cannot be read") }
    precondition(again == expression)
    do throws(ExpressionError) {
        let value = try expression.evaluate(in: scope)
        guard let second = try? expression.evaluate(in: scope) else { preconditionFailure("it differs") }
        precondition(second == value)
    } catch {
        check(error, in: text)
    }
    do throws(ExpressionError) { _ = try expression.isTrue(in: scope) } catch { check(error, in: text) }
}

private func checkTemplate(_ value: JSONValue) {
    do throws(TemplateIssues) {
        let template = try JSONTemplate(checking: value)
        do throws(TemplateError) {
            let result = try template.evaluate(in: scope)
            precondition(result.object?.keys == ["a", "b"])
        } catch {
            precondition(error.pointer == "/a/0" || error.pointer == "/b" || error.pointer.isEmpty)
        }
    } catch {
        precondition(!error.issues.isEmpty && error.issues.allSatisfy { $0.pointer == "/a/0" || $0.pointer == "/b" })
    }
}
