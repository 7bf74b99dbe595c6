// SpotterAgentsTests
