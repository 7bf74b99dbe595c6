// SpotterTools
