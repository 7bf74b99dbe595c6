import Foundation
import PostgresKit
import SpotterDomain

/// Buckets of requests in PostgreSQL.
///
/// The clock of the statement, not of the transaction: of two that wait for the same row the later one counts on from
/// where the earlier one stopped. The row of a token's bucket goes by its id; what it may is read with its organisation's
/// limits in the same statement, so that changes of a file are felt with the next lease.
struct PostgresRateLimitStore: RateLimitStore {
    let door: StoreDoor

    func lease(
        _ bucket: RateBucket, balance: Double, atLeast: Int, in scope: OrganizationScope
    ) async throws -> RateLease {
        let statement = Statement(
            """
            WITH terms AS (
                SELECT coalesce(requests_per_minute,
                        CASE plan WHEN 'starter' THEN $5::integer WHEN 'pro' THEN $6::integer ELSE $7::integer END)
                        AS whole,
                    token_requests_per_minute, hooks_per_minute, cost_per_minute, cost_per_hour,
                    (SELECT t.requests_per_minute FROM spotter.tokens AS t WHERE t.id = $4::uuid) AS own
                FROM spotter.organizations),
            quotas AS (
                SELECT CASE
                        WHEN $4::uuid IS NOT NULL THEN least(whole, coalesce(
                            own, token_requests_per_minute, greatest(1, whole::bigint * 3 / 4)::integer))
                        WHEN $1 = 'tokens' THEN $8::integer
                        WHEN $1 = 'hooks' THEN coalesce(hooks_per_minute, whole)
                        WHEN $1 = 'hook-tests' THEN $9::integer
                        ELSE whole END AS quota,
                    cost_per_minute, cost_per_hour
                FROM terms),
            lease AS (
                INSERT INTO spotter.rate_limits AS stored (
                    organization_id, bucket, quota, tokens, granted, refilled_at)
                SELECT (SELECT app.organization()), $1, quota, available - share, share, clock_timestamp()
                FROM quotas,
                    LATERAL (
                        SELECT greatest(-quota, least(quota, quota + $2::double precision)) AS available) AS there,
                    LATERAL (
                        SELECT greatest(0, least(greatest($3::integer, (quota::bigint + 49) / 50), floor(available)))
                            ::integer AS share) AS taken
                ON CONFLICT (organization_id, bucket) DO UPDATE
                    SET (quota, tokens, granted, refilled_at) = (
                        SELECT excluded.quota, available - share, share, at
                        FROM (SELECT clock_timestamp() AS at) AS clock,
                            LATERAL (
                                SELECT greatest(-excluded.quota, least(excluded.quota, stored.tokens
                                    + greatest(0, extract(epoch FROM at - stored.refilled_at)::double precision)
                                        * excluded.quota / 60 + $2::double precision)) AS available) AS there,
                            LATERAL (
                                SELECT greatest(0, least(
                                    greatest($3::integer, (excluded.quota::bigint + 49) / 50), floor(available)))
                                    ::integer AS share) AS taken)
                RETURNING stored.quota, stored.granted, stored.tokens)
            SELECT lease.quota, lease.granted, lease.tokens, cost_per_minute, cost_per_hour FROM lease, quotas
            """, bucket.key, balance, atLeast, bucket.token?.uuid, RateDefaults.requests(of: .starter),
            RateDefaults.requests(of: .pro), RateDefaults.requests(of: .enterprise), RateDefaults.tokens,
            RateDefaults.hookTests)
        guard let lease = try await door.write(scope, statement).firstDecoded(RateLease.init) else {
            throw SpotterError.notFound("organization")
        }
        return lease
    }
}

extension RateBucket {
    fileprivate var token: TokenID? { if case .token(let id) = self { id } else { nil } }
}

extension RateLease {
    fileprivate init(_ row: Row) throws {
        self.init(
            quota: try row.get(0), granted: try row.get(1), remaining: try row.get(2),
            cost: CostLimits(perMinute: try row.get(3), perHour: try row.get(4)))
    }
}
