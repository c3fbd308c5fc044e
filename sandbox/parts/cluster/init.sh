#!/bin/sh
# First process of the cluster's mount, PID and network namespaces: prepares the node's mounts, then only collects
# ended children. When it is killed, the kernel kills everything else in the PID namespace and removes the mounts.
# Usage: init.sh FOLDER_OF_THE_SANDBOX ADDRESS_OF_THE_REGISTRY NAME_OF_THE_REGISTRY
set -eu
root=$1
registry_address=$2
registry=$3

# A /sys that shows this network namespace, with the machine's control groups.
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/sandbox/cgroup /run/sandbox/root /run/sandbox/upper /run/sandbox/work /run/sandbox/sysctl
mount --rbind /sys/fs/cgroup /run/sandbox/cgroup
mount -t sysfs sysfs /sys
mount --move /run/sandbox/cgroup /sys/fs/cgroup

# The node writes below /var to memory; the sandbox's own folder stays visible, wherever it is.
mount --bind "$root" /run/sandbox/root
mount -t overlay -o lowerdir=/var,upperdir=/run/sandbox/upper,workdir=/run/sandbox/work overlay /var
mkdir -p "$root"
mount --bind /run/sandbox/root "$root"

# The node's way to the registry, by its real name.
cat /etc/hosts >/run/sandbox/hosts
echo "$registry_address $registry" >>/run/sandbox/hosts
mount --bind /run/sandbox/hosts /etc/hosts

# The kubelet requires these kernel settings and would change the whole machine's. Here it sees the required values.
while read -r setting value; do
    [ -e "/proc/sys/$setting" ] || continue
    file=/run/sandbox/sysctl/$(echo "$setting" | tr / .)
    echo "$value" >"$file"
    mount --bind "$file" "/proc/sys/$setting"
done <<'SETTINGS'
vm/overcommit_memory 1
vm/panic_on_oom 0
kernel/panic 10
kernel/panic_on_oops 1
kernel/keys/root_maxkeys 1000000
kernel/keys/root_maxbytes 25000000
SETTINGS

# Per network namespace, so the machine's own forwarding stays as it is.
echo 1 >/proc/sys/net/ipv4/ip_forward

# The kubelet requires shared propagation; the peers are only inside this namespace.
mount --make-rshared /
: >/run/sandbox/ready
exec env --ignore-signal=CHLD sleep infinity
