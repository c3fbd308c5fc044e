module relaypacs.dev/sandbox/load

go 1.26.0
