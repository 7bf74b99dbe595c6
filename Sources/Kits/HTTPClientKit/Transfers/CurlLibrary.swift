import CLibcurl
import Foundation

/// libcurl as a whole, which is set up once in the life of the process.
enum CurlLibrary {
    /// Whether libcurl can be used. Reading it the first time sets libcurl up.
    static let isReady: Bool = {
        // With signals off curl leaves SIGPIPE to us, and a peer that closes must not end the process.
        signal(SIGPIPE, SIG_IGN)
        return curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
    }()
}
