import Foundation
import SigningKit
import SpotterDomain
import SpotterTokens

/// Gives bytes to the reader of an audit log's checkpoint: nothing that was made up is believed.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCheckpoint(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    precondition((try? signer?.checkpoint(of: text)) == nil, "a made-up checkpoint was believed")
    return 0
}

private let signer = (try? KeyRing(signingWith: .generate())).map {
    PasetoTokenSigner(keys: $0, deployment: "fuzz", clock: SystemClock())
}
