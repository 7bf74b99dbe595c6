// SpotterDomain
