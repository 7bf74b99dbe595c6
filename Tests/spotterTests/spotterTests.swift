// spotterTests
