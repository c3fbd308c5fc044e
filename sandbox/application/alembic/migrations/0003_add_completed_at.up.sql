ALTER TABLE uploads ADD COLUMN completed_at timestamptz;
