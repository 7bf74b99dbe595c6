import HTTPServerKit
import SpotterDomain

/// The routes of one kind of the gym's records, with the kind's own schemas.
struct RecordRoutes<Kind: RecordKind> {
    let services: Services
    /// What a new record may be.
    let example: JSONObject

    init(_ services: Services, _ example: JSONObject) {
        self.services = services
        self.example = example
    }

    var routes: [Route] { [list, create, upsert, get, replace, patch, delete] }

    private var path: String { "/v1/crm/\(Kind.plural)" }
    private var onePath: String { "\(path)/{\(Self.parameter)}" }
    private var schemas: RecordSchemas { RecordSchemas.of(Kind.self) }

    /// What stands in a path for the id, such as `class_session_id`.
    static var parameter: String {
        String(Kind.noun.map { $0 == " " || $0 == "-" ? "_" : $0 }) + "_id"
    }

    /// Such as `ClassSession`, for the names of operations.
    static var title: String {
        Kind.noun.split { $0 == " " || $0 == "-" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }

    private static var titles: String { title + (title.hasSuffix("s") ? "es" : "s") }
    private static var nouns: String { Kind.noun + (Kind.noun.hasSuffix("s") ? "es" : "s") }

    // MARK: Reading

    private var list: Route {
        var page = JSONSchema.object([.init("data", .array(of: schemas.resource))])
        var cursor = JSONSchema(.string, description: "What to pass as `after` for the next page; null after the last.")
        cursor.isNullable = true
        page.properties.append(.init("next_cursor", cursor))
        let services = services
        return Route(
            .get, path, "list\(Self.titles)", "List \(Self.nouns), newest first", tag: "Gym records",
            permission: .crmRead, query: .page + RecordQuery<Kind>.parameters,
            answers: [.json(200, "One page.", schema: page)]
        ) { context in
            let filter = try RecordQuery<Kind>.filter(context)
            let page = try await services.gym.list(Kind.self, filter, context.page(), in: context.scope)
            return try .json(ListResource(page))
        }
    }

    private var get: Route {
        let services = services
        return Route(
            .get, onePath, "get\(Self.title)", "Read one \(Kind.noun)", tag: "Gym records", permission: .crmRead,
            answers: [.json(200, "The \(Kind.noun).", schema: schemas.resource)]
        ) { context in
            let record = try await services.gym.record(Self.id(context), in: context.scope)
            return try .json(record, version: record.version)
        }
    }

    // MARK: Writing

    private var create: Route {
        let (services, path) = (services, path)
        return Route(
            .post, path, "create\(Self.title)", "Create a \(Kind.noun)", tag: "Gym records", permission: .crmWrite,
            body: Route.Body(schema: schemas.whole, limit: 1 << 20, example: .object(example)),
            answers: [.json(201, "The \(Kind.noun).", schema: schemas.resource)], idempotency: .withEffect
        ) { context in
            let object = try Self.object(context)
            let setting = try await services.recordSetting(context)
            let fields = try GymRecord<Kind>.fields(creating: object, setting)
            let draft = RecordDraft<Kind>.new(
                services.ids.id(at: context.now), fields, externalId: object["external_id"]?.string)
            let saved = try await services.gym.save(
                [draft], setting, atomic: true,
                receipt: { saved in
                    guard let record = try saved.outcomes.first?.record() else { return nil }
                    return context.receipt(status: 201, body: try JSONWriter.encode(record))
                }, in: context.scope)
            guard let record = try saved.outcomes.first?.record() else { throw SpotterError.notFound(Kind.noun) }
            return try Reply.json(record, status: 201, version: record.version)
                .with("location", "\(path)/\(record.id)")
        }
    }

    private var replace: Route {
        let services = services
        return Route(
            .put, onePath, "replace\(Self.title)", "Replace what a \(Kind.noun) says", tag: "Gym records",
            permission: .crmWrite, body: Route.Body(schema: schemas.whole, limit: 1 << 20, example: .object(example)),
            answers: [.json(200, "The \(Kind.noun) as it is now.", schema: schemas.resource)]
        ) { context in
            let object = try Self.object(context)
            return try await Self.change(services, context) { stored, setting in
                let fields = try stored.fields(replacedBy: object, setting)
                return .init(fields, externalId: object["external_id"]?.string ?? stored.externalId)
            }
        }
    }

    private var patch: Route {
        let services = services
        return Route(
            .patch, onePath, "update\(Self.title)", "Change some of what a \(Kind.noun) says", tag: "Gym records",
            permission: .crmWrite,
            body: Route.Body(
                schema: schemas.patch, limit: 1 << 20, example: ["external_id": .string("\(Kind.prefix)-1002")]),
            answers: [.json(200, "The \(Kind.noun) as it is now.", schema: schemas.resource)]
        ) { context in
            let object = try Self.object(context)
            return try await Self.change(services, context) { stored, setting in
                let fields = try stored.fields(changing: object, setting)
                let external = object["external_id"]
                return .init(fields, externalId: external == nil ? stored.externalId : external?.string)
            }
        }
    }

    private var delete: Route {
        let services = services
        return Route(
            .delete, onePath, "delete\(Self.title)", "Delete a \(Kind.noun)", tag: "Gym records",
            permission: .crmWrite, answers: [.empty(204, "It is gone, with what hangs on it.")]
        ) { context in
            let id = try Self.id(context)
            try await services.gym.delete(
                id, version: context.expectedVersion(), try await services.recordSetting(context), in: context.scope)
            return .noContent
        }
    }

    private var upsert: Route {
        let services = services
        let first = example.merging(["external_id": .string("\(Kind.prefix)-1001")])
        return Route(
            .put, "\(path)/bulk", "upsert\(Self.titles)", "Create or change many \(Self.nouns) by external id",
            tag: "Gym records", permission: .crmWrite,
            query: [
                .init(
                    name: "atomic",
                    schema: JSONSchema(.boolean, description: "All rows or none; false unless given."))
            ],
            body: Route.Body(
                schema: RecordBulk.body(schemas.row), limit: 8 << 20, example: ["records": [.object(first)]]),
            answers: [.json(200, "What became of each row.", RecordBulk.Answer.self)], isConditional: false
        ) { context in
            try context.refuseMatch("A bulk upsert")
            let rows = try RecordBulk.rows(of: context.json())
            let saved = try await RecordIntake<Kind>(services.gym, ids: services.ids).upsert(
                rows, services.recordSetting(context), isAtomic: context.flag("atomic") ?? false, in: context.scope)
            return try .json(RecordBulk.answer(saved))
        }
    }

    // MARK: Shared

    private static func id(_ context: RequestContext) throws -> Identifier<Kind> {
        try context.id(parameter, Kind.noun)
    }

    private static func object(_ context: RequestContext) throws -> JSONObject {
        guard let object = try context.json().object else { throw SpotterError.invalid("", "must be an object") }
        return object
    }

    private static func change(
        _ services: Services, _ context: RequestContext,
        _ content: @escaping @Sendable (GymRecord<Kind>, RecordSetting) throws -> RecordDraft<Kind>.Content
    ) async throws -> Reply {
        let id = try id(context)
        let setting = try await services.recordSetting(context)
        let draft = RecordDraft<Kind>(.id(id, version: try context.expectedVersion()), newID: id) { stored in
            guard let stored else { throw SpotterError.notFound(Kind.noun) }
            return try content(stored, setting)
        }
        let record = try await services.gym.save(draft, setting, in: context.scope)
        return try .json(record, version: record.version)
    }
}

extension Services {
    /// In what circumstances the caller of a request writes records.
    func recordSetting(_ context: RequestContext) async throws -> RecordSetting {
        let organization = try await organizations.organization(in: context.scope)
        return RecordSetting(now: context.now, organization: organization, actor: context.caller?.subject ?? "")
    }
}

extension JSONObject {
    /// The object with members of another one put in.
    fileprivate func merging(_ other: JSONObject) -> JSONObject {
        var merged = self
        for (member, value) in other { merged[member] = value }
        return merged
    }
}
