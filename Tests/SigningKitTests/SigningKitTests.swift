// SigningKitTests
