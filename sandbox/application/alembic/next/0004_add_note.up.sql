ALTER TABLE uploads ADD COLUMN note text;
