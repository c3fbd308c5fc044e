#!/bin/bash
# For the repository relaypacs/gateway, as scripts/wait-for-stack.sh, executable (specification, section 3, stage 4): waits
# until every service of docker-compose.test.yml is healthy, runs without a health check, or has ended with 0, as one
# that migrates the database does.
#
#   ./scripts/wait-for-stack.sh 120
set -euo pipefail

seconds="${1:?Give the most seconds to wait, for example 120.}"
deadline=$((SECONDS + seconds))

# Prints one line about each service that is not ready.
waiting() {
    docker compose --file docker-compose.test.yml ps --all --format json |
        # Compose prints a list or an object a line, by its version.
        jq --slurp --raw-output 'flatten | if length == 0 then "no service" else .[] end |
            if type == "string" then .
            elif .State == "exited" then select(.ExitCode != 0) | "\(.Service) has ended with \(.ExitCode)"
            elif .State != "running" then "\(.Service) is \(.State)"
            else select(.Health | IN("", "healthy", null) | not) | "\(.Service) is \(.Health)" end'
}

while true; do
    services="$(waiting)"
    if [[ -z "$services" ]]; then exit 0; fi
    if [[ "$services" == *" has ended with "* ]] || ((SECONDS >= deadline)); then
        echo "The test stack is not ready after $SECONDS s of $seconds: ${services//$'\n'/, }." >&2
        exit 1
    fi
    sleep 1
done
