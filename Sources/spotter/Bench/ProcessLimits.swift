import Foundation

/// What the system says of this process.
enum ProcessLimits {
    /// Bytes of memory held now.
    static var residentBytes: Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return (fields.count > 1 ? Int(fields[1]) ?? 0 : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// Asks for room for `count` open files and says how many there may be.
    static func raiseOpenFiles(to count: Int) -> Int {
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1_024 }
        guard limit.rlim_cur < rlim_t(count) else { return count }
        var wanted = limit
        wanted.rlim_cur = rlim_t(count)
        wanted.rlim_max = max(limit.rlim_max, wanted.rlim_cur)
        // Root alone may go beyond the hard limit; everybody may go up to it.
        if setrlimit(resource, &wanted) == 0 { return count }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        _ = setrlimit(resource, &limit)
        return Int(limit.rlim_cur)
    }
}

extension ProcessLimits {
    /// What all threads of this process have had of the processor.
    static var processorTime: Duration { time(of: CLOCK_PROCESS_CPUTIME_ID) }

    /// What this thread has had.
    static var threadTime: Duration { time(of: CLOCK_THREAD_CPUTIME_ID) }

    private static func time(of clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
