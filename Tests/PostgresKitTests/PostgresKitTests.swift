// PostgresKitTests
