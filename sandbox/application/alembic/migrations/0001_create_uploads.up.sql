CREATE TABLE uploads (
    id         text PRIMARY KEY,
    chunks     integer NOT NULL CHECK (chunks > 0),
    created_at timestamptz NOT NULL DEFAULT now()
);
