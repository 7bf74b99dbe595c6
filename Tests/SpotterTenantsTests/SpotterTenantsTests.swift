// SpotterTenantsTests
