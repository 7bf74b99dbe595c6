// SpotterEngineTests
