public import Foundation

extension FileHandle {
    /// Everything up to the end, here and now: also where a signal arrives while it waits, which Foundation's own
    /// `readDataToEndOfFile()` does not survive.
    ///
    /// - Throws: `POSIXError`.
    public func readUntilEnd() throws -> Data {
        var text = Data()
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = some(of: fileDescriptor, into: &buffer)
            switch count {
            case 0: return text
            case 1...: text.append(contentsOf: buffer[..<count])
            default:
                let code = errno
                guard code == EINTR else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO) }
            }
        }
    }
}

/// Outside of the class, whose own `read` hides the system's.
private func some(of descriptor: Int32, into buffer: inout [UInt8]) -> Int {
    buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
}
