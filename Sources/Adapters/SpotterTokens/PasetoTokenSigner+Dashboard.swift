import Foundation
import SigningKit
public import SpotterDomain

/// Sessions of the dashboard as PASETO v4.public, under implicit assertions of their own: neither a token nor a link can
/// be used as a session, nor the other way round.
extension PasetoTokenSigner: DashboardSigner {
    /// The session's members, signed.
    public func text(for session: DashboardSession, as form: DashboardSession.Form) throws -> String {
        try keys.sign(JSONWriter.encode(session), implicitAssertion: assertion(of: form))
    }

    /// The session, if its signature is ours and it has not expired. Nobody else's clock has a say.
    public func session(of text: String, as form: DashboardSession.Form) throws -> DashboardSession {
        do {
            guard text.utf8.count <= 4_096 else { throw Self.unknownSession }
            let payload = try keys.verify(text, implicitAssertion: assertion(of: form))
            let session = try JSONParser.parse(payload).decodedUnchecked(as: DashboardSession.self)
            guard session.expiresAt > clock.now() else { throw Self.unknownSession }
            return session
        } catch { throw Self.unknownSession }
    }

    private func assertion(of form: DashboardSession.Form) -> [UInt8] {
        Array("spotter-dashboard-\(form.rawValue)|\(deployment)".utf8)
    }

    private static let unknownSession = SpotterError(
        .unauthenticated, "You are not signed in, or not any more.")
}
