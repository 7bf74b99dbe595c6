// SpotterAgents
