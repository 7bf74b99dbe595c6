import Foundation

/// `spotter serve`: the server on a database of the operator's.
struct ServeCommand: Command {
    let path = ["serve"]
    let summary = "Serve the API on the database of DATABASE_URL"
    let example = "DATABASE_URL=postgres://spotter_app@db/spotter spotter serve --host 0.0.0.0"
    let options: [OptionSpec] = [
        .option("port", "PORT", "Where to listen; 0 picks a free port. Default 8080, or SPOTTER_PORT."),
        .option("host", "ADDRESS", "Where to listen. Default 127.0.0.1, or SPOTTER_HOST."),
        .option("roles", "ROLES", "What this process does, of api,worker,scheduler. Default: all of it."),
        .flag("json", "Print one line of JSON when ready, for programs."),
    ]

    func run(_ arguments: Arguments, _ product: any Product, _ terminal: Terminal) async throws {
        try noMoreThan(0, arguments)
        let asJSON = arguments.has("json")
        let options = ServeOptions(
            port: try arguments.integer("port", in: 0...65_535), host: arguments["host"],
            roles: arguments["roles"]?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) })
        try await product.serve(options) { url in
            let quoted = url.map { "\"\($0)\"" } ?? "null"
            let place = url.map { " at \($0)" } ?? ""
            terminal.print(asJSON ? #"{"event":"ready","url":\#(quoted)}"# : "Spotter is ready\(place)")
        }
    }
}
