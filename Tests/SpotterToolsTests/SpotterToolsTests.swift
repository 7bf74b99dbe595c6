// SpotterToolsTests
