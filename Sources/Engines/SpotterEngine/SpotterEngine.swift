// SpotterEngine
