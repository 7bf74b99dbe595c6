// SpotterProvidersTests
