// SpotterHTTP
