import Foundation
import PostgresKit
import SpotterDomain

/// Posts that wait for their time, in PostgreSQL.
struct PostgresSocialDesk: SocialDesk {
    let door: StoreDoor

    func schedule(
        _ post: PostDraft, in scope: OrganizationScope
    ) async throws -> (post: PostView, isNew: Bool) {
        let insert = Statement(
            """
            INSERT INTO spotter.social_posts (
                organization_id, id, platform, content, hashtags, media_url, status, scheduled_at, created_by,
                idempotency_key, created_at, updated_at)
            VALUES ((SELECT app.organization()), $1, $2, $3, $4, $5, 'scheduled', $6, $7, $8, $9, $9)
            ON CONFLICT (organization_id, idempotency_key) DO NOTHING
            """, post.id.uuid, post.platform.rawValue, StorableText.text(of: post.content), post.hashtags,
            post.mediaURL, post.scheduledAt, post.by, post.key, post.at)
        let kept = Statement(
            """
            SELECT id, platform, content, hashtags, media_url, scheduled_at FROM spotter.social_posts
            WHERE idempotency_key = $1
            """, post.key)
        return try await door.transaction(scope) { transaction in
            guard let stored = try await transaction.batch([insert, kept])[1].firstView(of: PostView.self) else {
                throw SpotterError(.internal, "A post that was kept is not there.")
            }
            return (stored, stored.id == post.id)
        }
    }

    func claimDue(
        at now: Date, until: Date, limit: Int, in scope: OrganizationScope
    ) async throws -> [PostView] {
        let statement = Statement(
            """
            UPDATE spotter.social_posts SET next_try_at = $2
            WHERE id IN (
                SELECT id FROM spotter.social_posts
                WHERE status = 'scheduled' AND scheduled_at <= $1 AND (next_try_at IS NULL OR next_try_at <= $1)
                ORDER BY scheduled_at, id LIMIT $3 FOR UPDATE SKIP LOCKED)
            RETURNING id, platform, content, hashtags, media_url, scheduled_at
            """, now, until, limit)
        return try await door.write(scope, statement).views()
    }

    func record(
        _ outcome: PostOutcome, of id: SocialPostID, at now: Date, in scope: OrganizationScope
    ) async throws {
        let statement =
            switch outcome {
            case .published(let reference):
                Statement(
                    """
                    UPDATE spotter.social_posts
                    SET status = 'published', published_at = $2, provider_id = $3, error = NULL, next_try_at = NULL,
                        version = version + 1, updated_at = $2
                    WHERE id = $1 AND status = 'scheduled'
                    """, id.uuid, now, reference)
            case .failed(let reason):
                Statement(
                    """
                    UPDATE spotter.social_posts
                    SET status = 'failed', error = $3, next_try_at = NULL, version = version + 1, updated_at = $2
                    WHERE id = $1 AND status = 'scheduled'
                    """, id.uuid, now, StorableText.text(of: reason))
            case .postponed(let until, let reason):
                Statement(
                    """
                    UPDATE spotter.social_posts SET next_try_at = $2, error = $3 WHERE id = $1 AND status = 'scheduled'
                    """, id.uuid, until, StorableText.text(of: reason))
            }
        _ = try await door.write(scope, statement)
    }
}
