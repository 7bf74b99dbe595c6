// SpotterTesting
