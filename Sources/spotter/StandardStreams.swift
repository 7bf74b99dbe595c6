import Foundation

/// Takes the places of standard streams that were closed (`>&-`): the next file or socket that is opened would get the
/// number, and what is printed would go to a client or to the database.
func fillStandardStreams() {
    // Output to a stream that can only be read fails, and so is not lost without a word.
    for (descriptor, mode) in [(STDIN_FILENO, O_RDONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDWR)]
    where fcntl(descriptor, F_GETFD) == -1 {
        let null = open("/dev/null", mode)
        if null >= 0, null != descriptor {
            dup2(null, descriptor)
            close(null)
        }
    }
}
