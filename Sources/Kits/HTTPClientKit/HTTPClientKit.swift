// HTTPClientKit
