/// Compares the migrations of a program with the record of a database, and says what is to be done.
enum MigrationPlan {
    /// The migrations that are still to be applied, in order.
    ///
    /// - Throws: when the two do not belong together: a changed, missing or skipped migration, or a newer database.
    static func pending(
        of migrations: [(migration: Migration, checksum: String)], after applied: [MigrationStatus.Applied]
    ) throws(MigrationError) -> [Migration] {
        for (index, entry) in migrations.enumerated() where entry.migration.version != index + 1 {
            throw MigrationError(
                "migration \(entry.migration.title) stands where number \(index + 1) should: the numbers go 1, 2, 3 …")
        }
        for (index, record) in applied.enumerated() {
            if record.version > migrations.count {
                throw MigrationError(
                    "the database is at migration \(record.version) (\(record.name)), this program knows "
                        + "\(migrations.count): it is older than the database")
            }
            guard record.version == index + 1 else {
                throw MigrationError("the database's record has no migration \(index + 1), but later ones")
            }
            let (migration, checksum) = migrations[index]
            guard record.checksum == checksum else {
                throw MigrationError(
                    "migration \(migration.title) was changed after it had been applied; put it back and add a new one")
            }
        }
        return migrations.dropFirst(applied.count).map(\.migration)
    }
}
