// YAMLKitTests
