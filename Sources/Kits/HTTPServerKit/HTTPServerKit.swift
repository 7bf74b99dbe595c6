// HTTPServerKit
