// SpotterTenants
