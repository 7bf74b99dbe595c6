import Foundation

/// A home whose one gym, Iron Temple, has a file with this beside what every file needs.
struct TestHome {
    let path = NSTemporaryDirectory() + "spotter-home-\(UUID().uuidString.prefix(8))"

    init(_ more: String) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: path + "/tenants", withIntermediateDirectories: true)
        for folder in ["migrations", "templates"] {
            try files.createSymbolicLink(
                atPath: "\(path)/\(folder)", withDestinationPath: "\(files.currentDirectoryPath)/\(folder)")
        }
        let known = try String(contentsOfFile: "tenants/iron-temple.yaml", encoding: .utf8)
        try (known + "\n" + more + "\n").write(
            toFile: path + "/tenants/iron-temple.yaml", atomically: true, encoding: .utf8)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
