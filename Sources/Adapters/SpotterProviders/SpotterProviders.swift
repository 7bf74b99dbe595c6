// SpotterProviders
