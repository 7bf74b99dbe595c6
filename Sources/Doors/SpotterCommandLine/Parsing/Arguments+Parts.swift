import Foundation
import SpotterDomain

extension Arguments {
    /// What `--only` names, all without it.
    ///
    /// - Throws: `UsageError` that names the nearest part there is.
    func parts<Part: RawRepresentable<String> & CaseIterable & Hashable>() throws -> Set<Part> {
        guard let text = self["only"] else { return Set(Part.allCases) }
        let names = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
        guard !names.isEmpty else { throw UsageError("--only needs at least one part") }
        return try Set(
            names.map { name in
                guard let part = Part(rawValue: name) else {
                    let known = Part.allCases.map(\.rawValue)
                    throw UsageError("--only: there is no part \(name)\(DidYouMean.hint(for: name, among: known))")
                }
                return part
            })
    }
}
