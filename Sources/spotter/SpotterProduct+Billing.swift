import SpotterBilling
import SpotterCommandLine
import SpotterDomain
import SpotterPostgres
import SpotterProviders

extension SpotterProduct {
    func verify(_ month: BillingMonth, organization: String) async throws -> StatementReport {
        try await withScope(organization) { application, scope in
            try await StatementCheck(ledger: application.stores.ledger, reader: RawUsage()).verify(month, in: scope)
        }
    }

    func close(_ month: BillingMonth, organization: String) async throws -> ClosedMonth {
        try await withScope(organization) { application, scope in
            try await application.stores.ledger.close(month, at: application.clock.now(), in: scope)
        }
    }

    func correct(_ correction: Correction, organization: String) async throws -> LedgerLine {
        try await withScope(organization) { application, scope in
            let now = application.clock.now()
            return try await application.stores.ledger.apply(
                correction, id: application.ids.id(at: now), at: now, in: scope)
        }
    }
}
