/** Imported first: what this shares with `test/end-to-end` then works on the sandbox of `make chaos`. */
process.env.TEST_SANDBOX = "chaos";
