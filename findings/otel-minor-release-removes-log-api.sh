#!/usr/bin/env bash
# Raising go.opentelemetry.io/otel by minor versions replaces otel/log 0.20 by 1.47, which lacks functions of 0.20.
#
# Guess: raising a stable module by a minor version leaves a program that compiles compiling, and leaves modules before
# version 1 that the program requires by themselves where they are.
# Seen with otel 1.47.0: it requires otel/log v1.47.0, so Go's selection of versions takes otel/log from 0.20 over 0.21 and
# 0.22 to 1.47 in one step, and log.String with its sisters is gone (attribute.String takes its place).
# What follows: programs that share one go.mod with a library written for otel/log 0.20 must hold otel below 1.47.
# Source: go.mod of go.opentelemetry.io/otel v1.47.0.
set -euo pipefail

folder="$(mktemp -d)"
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"
export GOPATH="$folder/go" GOFLAGS=
unset GOMODCACHE
cat > main.go <<'END'
package main

import (
	"fmt"

	"go.opentelemetry.io/otel/log"
)

func main() { fmt.Println(log.String("key", "value")) }
END
go mod init example.com/sample 2> /dev/null
go get go.opentelemetry.io/otel/log@v0.20.0 2> /dev/null
before="$(go list -m go.opentelemetry.io/otel)"
go run . || { echo "changed: it does not compile with otel/log 0.20"; exit 1; }
go get go.opentelemetry.io/otel@v1.47.0 2> /dev/null
echo "from $before to $(go list -m go.opentelemetry.io/otel): now $(go list -m go.opentelemetry.io/otel/log)"
go build . 2> out && { echo "changed: it compiles"; exit 1; }
grep "undefined: log.String" out || { cat out; echo "changed: another error"; exit 1; }
