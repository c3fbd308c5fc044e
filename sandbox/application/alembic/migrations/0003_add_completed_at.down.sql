ALTER TABLE uploads DROP COLUMN completed_at;
