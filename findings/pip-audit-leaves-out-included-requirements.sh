#!/usr/bin/env bash
# pip-audit with --disable-pip leaves out requirements that a file takes in with -r, and says nothing of them.
#
# Guess: a file of requirements is audited with all that it takes in, or pip-audit says that it can't.
# Seen with pip-audit 2.10.1: of a file with "-r base.txt" and one pin, that pin alone is in the report. --strict does not
# change it, and it ends with 0.
# What follows: audit such files without --disable-pip, or name each of them with an option -r of its own.
set -euo pipefail

folder="$(mktemp -d)"
trap 'kill "${server:-}" 2> /dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check pip-audit==2.10.1
echo "idna==3.10" > base.txt
printf '%s\n' "-r base.txt" "six==1.17.0" > requirements.txt

# Advisories from the loopback interface, where no package has any, so that the world's do not change what is seen.
cat > advisories.py <<'END'
import http.server

class Advisories(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Advisories)
print(server.server_port, flush=True)
server.serve_forever()
END
python3 advisories.py > port &
server=$!
until [ -s port ]; do sleep 0.1; done

audited() {
    env/bin/pip-audit --no-deps --disable-pip --strict --vulnerability-service osv \
        --osv-url "http://127.0.0.1:$(cat port)/v1" --format json "$@" 2> errors > report.json || { cat errors; exit 1; }
    python3 -c 'import json; print(*[one["name"] for one in json.load(open("report.json"))["dependencies"]])'
}
one="$(audited -r requirements.txt)"
both="$(audited -r requirements.txt -r base.txt)"
echo "audited: $one; with an option for each file: $both"
[ "$one" = six ] || { echo "changed: what is audited"; exit 1; }
[[ "$both" == *idna* && "$both" == *six* ]] || { echo "changed: both files"; exit 1; }
