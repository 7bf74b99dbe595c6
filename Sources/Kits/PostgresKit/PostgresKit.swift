// PostgresKit
