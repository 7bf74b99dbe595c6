import SpotterBilling
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres

extension SpotterProduct {
    func verify(_ month: BillingMonth, organization: String) async throws -> StatementReport {
        try await withScope(organization) { application, scope in
            try await StatementCheck(ledger: application.stores.ledger).verify(month, in: scope)
        }
    }

    func close(_ month: BillingMonth, organization: String) async throws -> ClosedMonth {
        try await withScope(organization) { application, scope in
            try await application.stores.ledger.close(month, at: application.clock.now(), in: scope)
        }
    }
}
