// HTTPClientKitTests
