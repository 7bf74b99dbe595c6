import Foundation
import HTTPServerKit
import SpotterDomain

extension RequestContext {
    /// What another system has sent: JSON, or a form, as its content type says and as nothing else.
    func payload() throws -> JSONValue {
        guard MediaType(request.headers["content-type"] ?? "").isForm else { return try json() }
        return try form()
    }

    /// A form's fields (WHATWG URL, 5.1) as an object: every value is a string, and a name that stands several times has an
    /// array of them. Stricter than browsers are: what cannot be decoded is an error, because what was sent would not be
    /// what is read.
    private func form() throws -> JSONValue {
        try requirePlainEncoding()
        guard MediaType(request.headers["content-type"] ?? "").isUTF8 else {
            throw SpotterError(.unsupportedMediaType, "Send the form in UTF-8.")
        }
        guard !request.body.isEmpty else { throw SpotterError(.invalid, "A form with fields is needed.") }
        guard let text = String(validating: request.body, as: UTF8.self) else {
            throw SpotterError(.invalid, "The form is not UTF-8.")
        }
        do throws(URLDecodingError) {
            let query = try URLQuery(text, limit: Self.mostFormFields)
            guard query.parameters.allSatisfy({ !($0.name + $0.value).utf8.contains(0) }) else {
                throw URLDecodingError.invalidUTF8
            }
            let object = query.grouped
            AuditSlip.current?.note(fields: object.keys)
            return .object(object)
        } catch {
            throw SpotterError(.invalid, "The form cannot be read: \(Self.words(for: error)).")
        }
    }

    /// The most fields of a form.
    private static let mostFormFields = 1_000

    private static func words(for error: URLDecodingError) -> String {
        switch error {
        case .malformedEscape: "a % is not followed by two hexadecimal digits"
        case .invalidUTF8: "a field does not decode to UTF-8"
        case .tooManyParameters(let limit): "it has more than \(limit) fields"
        }
    }
}

/// A content type, as far as it matters for reading a body.
struct MediaType: Sendable {
    let name: String
    private let charset: String?

    init(_ text: String) {
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
        name = parts.first ?? ""
        charset = parts.dropFirst().first { $0.hasPrefix("charset=") }.map { String($0.dropFirst(8)) }
    }

    /// Also where nothing is said of it.
    var isUTF8: Bool { charset == nil || charset == "utf-8" || charset == "\"utf-8\"" }
    var isJSON: Bool { ["application/json", "application/merge-patch+json"].contains(name) }
    var isForm: Bool { name == "application/x-www-form-urlencoded" }
}

extension URLQuery {
    /// The values by name, in the order in which the names come first.
    fileprivate var grouped: JSONObject {
        parameters.reduce(into: JSONObject()) { object, parameter in
            let value = JSONValue.string(parameter.value)
            switch object[parameter.name] {
            case nil: object[parameter.name] = value
            case .array(let values)?: object[parameter.name] = .array(values + [value])
            case let first?: object[parameter.name] = .array([first, value])
            }
        }
    }
}
