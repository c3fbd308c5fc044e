#!/bin/sh
# start.sh FOLDER COMMAND...: runs COMMAND as the user postgres, who sees FOLDER as /var/lib/postgresql.
# Runs in a mount namespace of its own: FOLDER may be inaccessible to that user, and no mount is left on the machine.
set -e
mount --bind "$1" /var/lib/postgresql
shift
cd /
exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"
