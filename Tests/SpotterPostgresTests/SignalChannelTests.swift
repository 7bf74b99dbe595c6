import Foundation
import PostgresKit
import ServiceKit
import SpotterDomain
import SpotterPostgres
import SpotterTesting
import Testing

@Suite(.timeLimit(.minutes(2))) struct SignalChannelTests {
    @Test func `a signal sent through one connection is heard through another, at its largest`() async throws {
        let stores = try await TestStores.fresh()
        let other = TestStores.connect(stores.configuration)
        var heard = PostgresSignalChannel(other).listen().makeAsyncIterator()
        #expect(await heard.next() == "")
        var set = SignalSet()
        for _ in 0..<SignalSet.limit {
            set.insert(.events(RandomIDGenerator().id(at: .now)))
            set.insert(.control(RandomIDGenerator().id(at: .now)))
        }
        let payload = SignalPayload(sender: UUID().uuidString, signals: set)
        try await PostgresSignalChannel(stores.database).notify(payload.text)
        #expect(await heard.next().map { SignalPayload($0) } == payload)
        other.close()
        try await stores.close()
    }
}
