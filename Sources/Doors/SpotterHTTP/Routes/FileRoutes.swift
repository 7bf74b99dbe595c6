import HTTPServerKit
import SpotterDomain

/// `/v1/documents`: files that tools made, for somebody to fetch.
enum FileRoutes {
    static func routes(_ services: Services) -> [Route] { [get(services)] }

    private static func get(_ services: Services) -> Route {
        Route(
            .get, "/v1/documents/{document_id}", "getDocument", "Download a file that a tool made", tag: "Documents",
            permission: .crmRead,
            answers: [.text("text/csv", "The file, until it expires a week after it was made.")]
        ) { context in
            let id: DocumentID = try context.id("document_id", "document")
            let file = try await services.documents.document(id, at: context.now, in: context.scope)
            // Never shown in place, whatever it holds: a file of somebody else's words.
            return Reply(status: 200, contentType: file.contentType, body: .bytes(file.content))
                .with("content-disposition", "attachment; filename=\"\(file.name.filter(isPlain))\"")
                .with("x-content-type-options", "nosniff")
        }
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
    }
}
