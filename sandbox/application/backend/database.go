package backend

import (
	"bytes"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// database keeps uploads in the tables that the migrations in ../alembic make.
type database struct{ pool *pgxpool.Pool }

func (d database) Create(ctx context.Context, id string, chunks int) error {
	_, err := d.pool.Exec(ctx, "INSERT INTO uploads (id, chunks) VALUES ($1, $2)", id, chunks)
	return err
}

func (d database) Put(ctx context.Context, id string, number, size int, digest []byte) error {
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		chunks, complete, err := lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case complete:
			return ErrComplete
		case number < 1 || number > chunks:
			return ErrNumber
		}
		var known []byte
		err = tx.QueryRow(ctx, "SELECT sha256 FROM upload_chunks WHERE upload_id = $1 AND number = $2", id, number).Scan(&known)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			_, err = tx.Exec(ctx, "INSERT INTO upload_chunks (upload_id, number, bytes, sha256) VALUES ($1, $2, $3, $4)",
				id, number, size, digest)
			return err
		case err != nil:
			return err
		case !bytes.Equal(known, digest):
			return ErrConflict
		}
		return nil
	})
}

func (d database) Complete(ctx context.Context, id string) error {
	return pgx.BeginFunc(ctx, d.pool, func(tx pgx.Tx) error {
		chunks, complete, err := lock(ctx, tx, id)
		if err != nil || complete {
			return err
		}
		var received int
		err = tx.QueryRow(ctx, "SELECT count(*) FROM upload_chunks WHERE upload_id = $1", id).Scan(&received)
		if err != nil {
			return err
		}
		if received < chunks {
			return ErrIncomplete
		}
		_, err = tx.Exec(ctx, "UPDATE uploads SET completed_at = now() WHERE id = $1", id)
		return err
	})
}

// lock holds the upload's row until the transaction ends: two chunks, or a chunk and a completion, come one by one.
func lock(ctx context.Context, tx pgx.Tx, id string) (chunks int, complete bool, err error) {
	err = tx.QueryRow(ctx, "SELECT chunks, completed_at IS NOT NULL FROM uploads WHERE id = $1 FOR UPDATE", id).
		Scan(&chunks, &complete)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return chunks, complete, err
}

func (d database) Get(ctx context.Context, id string) (Upload, error) {
	upload := Upload{ID: id}
	err := d.pool.QueryRow(ctx, `
		SELECT chunks, CASE WHEN completed_at IS NULL THEN 'open' ELSE 'complete' END, count(number), coalesce(sum(bytes), 0)
		FROM uploads LEFT JOIN upload_chunks ON upload_id = id WHERE id = $1 GROUP BY id`, id).
		Scan(&upload.Chunks, &upload.Status, &upload.Received, &upload.Bytes)
	if errors.Is(err, pgx.ErrNoRows) {
		err = ErrNotFound
	}
	return upload, err
}
