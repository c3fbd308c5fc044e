CREATE TABLE upload_chunks (
    upload_id text NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    number    integer NOT NULL CHECK (number > 0),
    bytes     integer NOT NULL CHECK (bytes > 0),
    sha256    bytea NOT NULL CHECK (length(sha256) = 32),
    PRIMARY KEY (upload_id, number)
);
