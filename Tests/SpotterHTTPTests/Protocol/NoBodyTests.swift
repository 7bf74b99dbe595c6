import HTTPServerKit
import SpotterDomain
import Testing

@testable import SpotterHTTP

/// What an operation does not take is refused, and not passed over.
struct NoBodyTests {
    @Test func `an operation without a body takes none but an empty one`() async throws {
        try await TestAPI.with { api in
            for body in [nil, [:]] as [JSONValue?] {
                #expect(try await api.send(.post, "/v1/scheduler/start", body, token: api.ours.token).status == 200)
            }
            for body in [["zz": 1], [1], "x"] as [JSONValue] {
                let answer = try await api.send(.post, "/v1/scheduler/stop", body, token: api.ours.token)
                #expect(answer.status == 400, "\(answer.text)")
            }
            let status = try await api.send(.get, "/v1/scheduler/status", nil, token: api.ours.token)
            #expect(status.status == 200)
        }
    }
}
