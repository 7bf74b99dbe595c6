import Foundation
import SpotterDomain

/// Reads a cron expression, says it in words and looks for its fires on the clocks of several zones.
///
/// The first byte chooses the zone, the next four the moment; the rest is the expression. Whatever comes in, the answer
/// is an expression whose fires are later than what was asked for and in order, or an error at a place of the text.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzCron(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    fuzzCron(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
}

private let zones = [
    "UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia",
    "Asia/Kolkata", "Africa/Casablanca",
].compactMap(ZoneName.zone)

private func fuzzCron(_ bytes: [UInt8]) {
    guard bytes.count > 5 else { return }
    let text = String(decoding: bytes[5...], as: UTF8.self)
    let zone = zones[Int(bytes[0]) % zones.count]
    let seconds = bytes[1..<5].reduce(0) { $0 << 8 | Int64($1) }
    let start = Date(timeIntervalSince1970: Double(seconds) + 0.5)
    do throws(CronError) {
        check(try CronExpression(text), zone, start)
    } catch {
        precondition(error.column >= 1 && error.column <= min(text.utf8.count, 256) + 1 && error.length >= 1)
        precondition(error.column + error.length <= min(text.utf8.count, 256) + 2)
        precondition(!error.message.isEmpty)
    }
}

private func check(_ cron: CronExpression, _ zone: TimeZone, _ start: Date) {
    precondition(!cron.words(in: "UTC").isEmpty)
    guard let again = try? CronExpression(cron.text) else { preconditionFailure("its own text cannot be read") }
    precondition(again == cron)
    let notes = cron.notes(in: zone, after: start)
    precondition(notes.allSatisfy { !$0.message.isEmpty })
    for gap in DaylightSavingGap.allCases {
        var last = start
        for fire in cron.fires(after: start, in: zone, gap: gap, count: 5) {
            precondition(fire > last && fire.timeIntervalSince1970.rounded() == fire.timeIntervalSince1970)
            precondition(cron.nextFire(after: fire.addingTimeInterval(-1), in: zone, gap: gap) == fire)
            last = fire
        }
        precondition(last == start || !notes.contains { $0.code == .neverFires })
    }
}
