import Foundation
import ServiceKit
import Testing

/// Reading what a child says to its end.
@Suite struct FileHandleReadingTests {
    @Test(.timeLimit(.minutes(1))) func `all that comes before the end is read, more than a buffer at a time`() throws {
        let pipe = Pipe()
        let sent = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
        Thread.detachNewThread {
            try? pipe.fileHandleForWriting.write(contentsOf: sent)
            try? pipe.fileHandleForWriting.close()
        }
        #expect(try pipe.fileHandleForReading.readUntilEnd() == sent)
    }

    @Test func `what cannot be read is an error, and no end of the process`() throws {
        let folder = try FileHandle(forReadingFrom: URL(fileURLWithPath: NSTemporaryDirectory()))
        #expect(throws: POSIXError(.EISDIR)) { try folder.readUntilEnd() }
    }
}
