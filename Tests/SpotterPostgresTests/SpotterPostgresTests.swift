// SpotterPostgresTests
