import SpotterDomain

/// `{"data": […], "next_cursor": string|null}`, as every list answers.
struct ListResource<Element: Codable & Sendable>: Codable, Sendable {
    let data: [Element]
    let nextCursor: String?

    init(_ page: Page<Element>) {
        data = page.items
        nextCursor = page.next?.description
    }

    init(_ data: [Element], next: String?) {
        self.data = data
        nextCursor = next
    }

    enum CodingKeys: String, CodingKey { case data, nextCursor }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(data, forKey: .data)
        if let nextCursor {
            try container.encode(nextCursor, forKey: .nextCursor)
        } else {
            try container.encodeNil(forKey: .nextCursor)
        }
    }
}

extension ListResource: JSONWritable where Element: JSONWritable {
    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("data", data)
            json.member("next_cursor", orNull: nextCursor)
        }
    }
}

extension ListResource: SchemaDescribed {
    static var schema: JSONSchema {
        var cursor = JSONSchema(.string, description: "What to pass as `after` for the next page; null after the last.")
        cursor.isNullable = true
        return .object([.init("data", .array(of: .derived(from: Element.self))), .init("next_cursor", cursor)])
    }
    static var sample: ListResource { ListResource(Page(items: [], next: nil)) }
}
