// SpotterCommandLine
