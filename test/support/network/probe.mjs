// Tries connections from the network namespace that it runs in, all at once, and prints what became of each.
// Usage: node probe.mjs MILLISECONDS '[{"host": "10.0.0.1", "port": 80}, {"host": "10.0.0.2", "resolves": "a.name"}, …]'
import { Resolver } from "node:dns/promises";
import net from "node:net";
import { setTimeout } from "node:timers";

const timeout = Number(process.argv[2]);
const targets = JSON.parse(process.argv[3]);

const connect = ({ host, port }) =>
    new Promise((resolve) => {
        const socket = net.connect({ host, port });
        const end = (outcome) => {
            socket.destroy();
            resolve(outcome);
        };
        setTimeout(() => end("ETIMEDOUT"), timeout).unref();
        socket.once("connect", () => end("connected"));
        socket.once("error", ({ code }) => end(code));
    });

async function ask({ host, resolves }) {
    const resolver = new Resolver({ timeout, tries: 1 });
    resolver.setServers([host]);
    return resolver.resolve4(resolves).then(
        () => "connected",
        ({ code }) => (code === "ETIMEOUT" ? "ETIMEDOUT" : code),
    );
}

console.log(JSON.stringify(await Promise.all(targets.map((one) => (one.resolves ? ask(one) : connect(one))))));
