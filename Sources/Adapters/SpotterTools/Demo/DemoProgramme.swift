/// What demo gyms offer.
struct DemoProgramme: Sendable {
    let name: String
    let description: String
    let minutes: Int
    let capacity: Int

    /// The first two are offered by every demo gym.
    static let all: [DemoProgramme] = [
        .init(name: "Spin", description: "Indoor cycling to music, intervals and climbs.", minutes: 45, capacity: 18),
        .init(name: "Yoga Flow", description: "Vinyasa for every level, ends in stillness.", minutes: 60, capacity: 20),
        .init(name: "HIIT", description: "Short, hard intervals with the whole body.", minutes: 40, capacity: 16),
        .init(name: "Pilates", description: "Core and control on the mat.", minutes: 55, capacity: 14),
        .init(
            name: "Boxing", description: "Technique, pads and conditioning. Gloves can be borrowed.", minutes: 60,
            capacity: 14),
        .init(name: "Strength Club", description: "Barbell basics in small groups.", minutes: 60, capacity: 10),
        .init(
            name: "Body Pump", description: "Light weights, many repetitions, good music.", minutes: 50, capacity: 22),
        .init(name: "Mobility", description: "Joints, breath and range of motion.", minutes: 45, capacity: 16),
        .init(name: "Zumba", description: "A dance party that happens to be cardio.", minutes: 50, capacity: 24),
        .init(name: "Kettlebell Lab", description: "Swings, cleans and the Turkish get-up.", minutes: 45, capacity: 12),
        .init(name: "Rowing Crew", description: "Intervals on the ergometer, coached.", minutes: 45, capacity: 12),
        .init(name: "Barre", description: "Ballet-inspired strength and balance.", minutes: 55, capacity: 16),
    ]
}
