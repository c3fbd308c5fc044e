#!/usr/bin/env bash
# Safety leaves a requirement without an exact version out of its JSON report, and ends with 0.
#
# Guess: `safety check -r FILE --json` fails, or says in its JSON, that it could not check a requirement.
# Seen with safety 2.3.5: "jinja2>=2.0" is not among the packages of the report, for which packages_found is 1, and the
# exit code is 0. Pinned to 2.10, it has a vulnerability in the same database, and the exit code is 64.
# What follows: give Safety what `pip freeze` prints, or compare the report with the file.
set -euo pipefail

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check safety==2.3.5 setuptools==79.0.1
mkdir db
echo '{ "$meta": { "timestamp": 1764547200, "version": "2.0" }, "jinja2": ["<2.11.3"] }' > db/insecure.json
cat > db/insecure_full.json <<'END'
{ "$meta": { "timestamp": 1764547200, "advisory": "made up", "base_domain": "https://advisories.example" },
  "jinja2": [{ "advisory": "made up", "cve": "CVE-0000-0001", "id": "pyup.io-1", "specs": ["<2.11.3"], "v": "<2.11.3",
    "more_info_path": "/1", "transitive": false }] }
END
printf 'jinja2>=2.0\nidna==3.10\n' > unpinned.txt
printf 'jinja2==2.10\nidna==3.10\n' > pinned.txt

check() {
    local code=0
    env/bin/safety check --json --db db -r "$1" > report.json 2> errors || code=$?
    env/bin/python -c '
import json, sys
report = json.load(open("report.json"))
print("exit code", sys.argv[1], sorted(report["scanned_packages"]), len(report["vulnerabilities"]), "vulnerabilities")
' "$code"
}
unpinned="$(check unpinned.txt)"
pinned="$(check pinned.txt)"
echo "unpinned: $unpinned"
echo "pinned:   $pinned"
[ "$unpinned" = "exit code 0 ['idna'] 0 vulnerabilities" ] || { echo "changed: without a version"; exit 1; }
[ "$pinned" = "exit code 64 ['idna', 'jinja2'] 1 vulnerabilities" ] || { echo "changed: with a version"; exit 1; }
