import SpotterCommandLine

/// Gives bytes to the reader of a backup's manifest: what it takes can be compared with a file.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzManifest(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    guard let manifest = try? BackupManifest(reading: Array(UnsafeBufferPointer(start: start, count: count))) else {
        return 0
    }
    precondition(manifest.sha256.utf8.count == 64 && manifest.bytes >= 0 && manifest.migration > 0)
    return 0
}
