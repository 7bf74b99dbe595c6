// SpotterCommandLineTests
