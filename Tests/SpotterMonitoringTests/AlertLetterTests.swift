import Foundation
import SpotterDomain
import Testing

@testable import SpotterMonitoring

/// What people read of alerts.
@Suite struct AlertLetterTests {
    private func heat(_ message: String?, labels: [String: String]? = nil, duration: Int = 0) -> AlertSettings {
        AlertSettings(
            name: "Too hot", metric: "custom:door_temp", operator: .gt, threshold: 30, durationSeconds: duration,
            aggregation: .max, severity: .critical, message: message, labels: labels)
    }

    @Test func `who is written to reads where, what, how much, against which threshold, and where to look`() {
        let letter = AlertLetter(
            settings: heat("Open a window", labels: ["room": "b", "floor": "1"], duration: 300), value: 35,
            isFiring: true, gym: "Iron Temple", publicURL: "https://gym.test")
        #expect(
            letter.paragraphs() == [
                "At Iron Temple, the greatest value of door_temp (floor=1, room=b) over the last 5 minutes is 35. "
                    + "The alert \u{201C}Too hot\u{201D} fires when it is more than 30 for 5 minutes.",
                "Open a window.", "See it at https://gym.test/#/monitoring",
            ])
    }

    @Test func `what comes with Spotter says its unit and what it means`() {
        let settings = AlertSettings(
            name: "Many runs fail", metric: "error_rate", operator: .gt, threshold: 10, durationSeconds: 60,
            aggregation: .avg, severity: .warning)
        let letter = AlertLetter(settings: settings, value: 12.5, isFiring: true, gym: "Iron Temple", publicURL: nil)
        #expect(
            letter.paragraphs() == [
                "At Iron Temple, the average of the share of agents' runs that failed over the last minute is 12.50 %. "
                    + "The alert \u{201C}Many runs fail\u{201D} fires when it is more than 10 % for a minute.",
                "Of the runs of agents that ended, the share that failed.",
            ])
    }

    @Test(arguments: AlertMetric.allCases, AlertAggregation.allCases)
    func `every metric makes sentences without its name in the program`(
        _ metric: AlertMetric, _ aggregation: AlertAggregation
    ) {
        let settings = AlertSettings(
            name: "A", metric: metric.rawValue, operator: .lte, threshold: 1, durationSeconds: 90,
            aggregation: aggregation, severity: .info)
        for isFiring in [true, false] {
            let letter = AlertLetter(settings: settings, value: 1, isFiring: isFiring, gym: "G", publicURL: nil)
            let text = letter.paragraphs().joined(separator: " ")
            #expect(!text.contains("_"))
            #expect(text.hasSuffix("."))
            #expect(!text.contains(".."))
        }
    }

    @Test func `what is over says so, also where nothing is measured any more`() {
        let over = AlertLetter(settings: heat(nil), value: 20, isFiring: false, gym: "Iron Temple", publicURL: nil)
        #expect(
            over.paragraphs() == [
                "At Iron Temple, the alert \u{201C}Too hot\u{201D} is over: the greatest value of door_temp over the last "
                    + "minute is 20. It fires when that is more than 30."
            ])
        let silent = AlertLetter(settings: heat("Mind!"), value: nil, isFiring: false, gym: "G", publicURL: nil)
        #expect(
            silent.paragraphs() == [
                "At G, the alert \u{201C}Too hot\u{201D} is over: nothing is measured any more.", "Mind!",
            ])
    }

    @Test func `an alert without a value says why, and that labels choose series`() {
        var alert = Alert(
            id: RandomIDGenerator().id(at: Date()), version: 1, settings: heat(nil, labels: ["team": "night"]),
            source: .api, createdAt: Date(), updatedAt: Date())
        #expect(alert.reason == nil)
        alert.standing.evaluatedAt = Date()
        #expect(
            alert.reason == "No series of door_temp with these labels (team=night) has a value of the last minute. "
                + "Labels choose series; they are no tags of the alert.")
        alert.settings.labels = nil
        #expect(alert.reason == "No value of door_temp was recorded in the last minute.")
        alert.standing.value = 3
        #expect(alert.reason == nil)
    }
}
