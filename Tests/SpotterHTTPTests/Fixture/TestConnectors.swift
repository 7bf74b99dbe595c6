import Foundation
import SpotterDomain

/// One connector for every organisation, under a name of its own, to a CRM that is away.
struct TestConnectors: ConnectorDirectory {
    static func name(in scope: OrganizationScope) -> String {
        "crm-" + scope.organization.uuid.uuidString.suffix(12).lowercased()
    }

    func connectors(in scope: OrganizationScope) -> [ConfiguredConnector] {
        let settings = TenantConnector(id: Self.name(in: scope), kind: .highlevel, locationId: "location")
        return [ConfiguredConnector(settings: settings, crm: AwayCRM())]
    }

    var organizations: [OrganizationID] { [] }
}

/// A CRM that cannot be reached: the routes of connectors only ask for runs.
private struct AwayCRM: CRMConnector {
    private let away = CRMError.unavailable("It is away.")

    func check() async throws -> String { throw away }
    func contacts(changedSince: Date?, page: String?, limit: Int) async throws -> CRMPage<CRMContact> { throw away }
    func contact(_ id: String) async throws -> CRMContact { throw away }
    func findContact(email: String?, phone: String?) async throws -> CRMContact? { throw away }
    func searchContacts(_ words: String, limit: Int) async throws -> [CRMContact] { throw away }
    func createContact(_ change: CRMContactChange) async throws -> CRMContact { throw away }
    func updateContact(_ id: String, _ change: CRMContactChange) async throws -> CRMContact { throw away }
    func deleteContact(_ id: String) async throws { throw away }
    func opportunities(ofContact contact: String?, page: String?, limit: Int) async throws -> CRMPage<CRMOpportunity> {
        throw away
    }
    func opportunity(_ id: String) async throws -> CRMOpportunity { throw away }
    func createOpportunity(ofContact contact: String, _ change: CRMOpportunityChange) async throws -> CRMOpportunity {
        throw away
    }
    func updateOpportunity(_ id: String, _ change: CRMOpportunityChange) async throws -> CRMOpportunity { throw away }
    func messages(ofContact contact: String, limit: Int) async throws -> [CRMMessage] { throw away }
    func send(_ message: CRMOutgoingMessage) async throws -> String { throw away }
}
