module relaypacs.dev/sandbox/pause

go 1.26
