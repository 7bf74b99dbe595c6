// SigningKit
