// SpotterHTTPTests
