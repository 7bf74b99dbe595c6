import Foundation
import SpotterDomain

/// Reads a period as a model may write it, on some day of three centuries.
///
/// The first two bytes choose the day; the rest is the period. Whatever comes in, the answer is a period that has begun
/// and that a report covers, whose parts follow on one another, or words for what is wrong.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzReportPeriod(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard bytes.count > 2 else { return 0 }
    let today = Day(days: (Int(bytes[0]) << 8 | Int(bytes[1])) * 2)
    let period = ReportPeriod(String(decoding: bytes[2...], as: UTF8.self))
    do {
        let days = try period.days(today: today)
        precondition(days.lowerBound <= today && days.upperBound.days - days.lowerBound.days < ReportPeriod.longest)
        for step in ReportStep.allCases {
            let edges = step.edges(from: days.lowerBound, through: days.upperBound)
            precondition(edges.first == days.lowerBound && edges.last == days.upperBound.adding(days: 1))
            precondition(zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 })
        }
    } catch {
        guard let failure = error as? ToolFailure else { preconditionFailure("\(error)") }
        precondition(!failure.message.isEmpty)
    }
    return 0
}
