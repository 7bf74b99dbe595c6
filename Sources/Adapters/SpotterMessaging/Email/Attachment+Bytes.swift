import Foundation
import SpotterDomain

extension OutboxMessage.Attachment {
    /// What is in it; nil where it is not base64.
    var bytes: [UInt8]? { Data(base64Encoded: content).map { Array($0) } }
}
