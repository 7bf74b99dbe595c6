import Foundation
import SpotterDomain

/// Gives bytes to the reader of `Retry-After`: a wait is never less than none, and never without an end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRetryAfter(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
    guard let seconds = OutboundRetry.seconds(ofRetryAfter: text, at: Date(timeIntervalSince1970: 1_760_000_000)) else {
        return 0
    }
    precondition(seconds >= 0 && seconds.isFinite, "no time to wait")
    return 0
}
