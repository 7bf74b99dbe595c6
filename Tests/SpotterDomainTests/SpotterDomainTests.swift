// SpotterDomainTests
