// HTTPServerKitTests
