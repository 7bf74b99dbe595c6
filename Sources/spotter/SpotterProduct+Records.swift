import Foundation
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func importRecords(
        _ order: ImportOrder, progress: @escaping @Sendable (ImportProgress) -> Void
    ) async throws -> ImportReport {
        guard let kind = RecordKinds.named(order.kind) else { throw SpotterError.notFound("kind of records") }
        return try await withScope(order.organization) { application, scope in
            try await Self.bring(kind, order, application, scope, progress)
        }
    }

    private static func bring<Kind: RecordKind>(
        _ kind: Kind.Type, _ order: ImportOrder, _ application: Application, _ scope: OrganizationScope,
        _ progress: @escaping @Sendable (ImportProgress) -> Void
    ) async throws -> ImportReport {
        let organization = try await application.stores.organizations.organization(in: scope)
        let setting = RecordSetting(now: application.clock.now(), organization: organization, actor: "import")
        let importer = RecordImporter<Kind>(
            order: order, intake: RecordIntake(application.stores.gym, ids: application.ids), setting: setting,
            zone: ZoneName.zone(organization.timezone) ?? .gmt, scope: scope, progress: progress)
        return try await importer.run()
    }

    func exportRecords(
        _ kind: String, organization: String, to write: @escaping @Sendable (String) throws -> Void
    ) async throws -> Int {
        guard let kind = RecordKinds.named(kind) else { throw SpotterError.notFound("kind of records") }
        return try await withScope(organization) { application, scope in
            try await Self.give(kind, application, scope, write)
        }
    }

    private static func give<Kind: RecordKind>(
        _ kind: Kind.Type, _ application: Application, _ scope: OrganizationScope,
        _ write: @escaping @Sendable (String) throws -> Void
    ) async throws -> Int {
        let columns = ExportColumns<Kind>()
        try write(CSVWriter.row(columns.headers))
        var count = 0
        var after: Cursor?
        repeat {
            let page = try await application.stores.gym.list(
                kind, RecordFilter(), PageRequest(limit: 200, after: after), in: scope)
            try write(try page.items.map { CSVWriter.row(try columns.cells(of: $0)) }.joined())
            count += page.items.count
            after = page.next
        } while after != nil
        return count
    }
}
