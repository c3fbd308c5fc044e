/* global document, fetch, FormData */

const element = (id) => document.getElementById(id);

async function showVersion() {
    const answer = await fetch("version");
    if (answer.ok) element("version").textContent = `Version ${(await answer.json()).version}`;
}

async function showService() {
    const answer = await fetch("/api/v1/health");
    element("service").textContent = answer.ok ? "The service is available." : "The service is not available.";
}

async function login(event) {
    event.preventDefault();
    const body = JSON.stringify(Object.fromEntries(new FormData(event.target)));
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/auth/login", { method: "POST", headers, body });
    if (answer.ok) element("result").textContent = "You are signed in.";
    else if (answer.status === 401) element("result").textContent = "Wrong user name or password.";
    else throw new Error(`login answered ${answer.status}`);
}

const unreachable = (id) => () => {
    element(id).textContent = "The service does not answer. Try again in a minute.";
};

element("login").addEventListener("submit", (event) => login(event).catch(unreachable("result")));
showVersion().catch(() => undefined);
showService().catch(unreachable("service"));
