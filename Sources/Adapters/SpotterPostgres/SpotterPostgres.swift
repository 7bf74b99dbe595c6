// SpotterPostgres
