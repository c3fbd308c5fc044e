import { Client } from "./client.js";
import { label } from "./progress.js";

const client = new Client((path, init) => fetch(path, init));

function one<T extends Element>(selector: string): T {
    const found = document.querySelector<T>(selector);
    if (found === null) throw new Error(`The page has no ${selector}.`);
    return found;
}

const say = (text: string) => {
    one("[role=status]").textContent = text;
};

async function list(): Promise<void> {
    const items = (await client.uploads()).map(({ size, received, chunks }) => {
        const item = document.createElement("li");
        item.textContent = `${size} bytes: ${label(received, chunks)}`;
        return item;
    });
    one("#uploads").replaceChildren(...items);
}

/** Handles a form, and says what went wrong. */
function onSubmit(selector: string, handle: (fields: FormData) => Promise<void>): void {
    const form = one<HTMLFormElement>(selector);
    form.addEventListener("submit", (event) => {
        event.preventDefault();
        handle(new FormData(form)).catch((error: unknown) =>
            say(error instanceof Error ? error.message : "It failed."),
        );
    });
}

onSubmit("#login", async (fields) => {
    await client.signIn(String(fields.get("username")), String(fields.get("password")));
    one<HTMLElement>("#login").hidden = true;
    one<HTMLElement>("#upload").hidden = false;
    say("Signed in");
    await list();
});

onSubmit("#upload", async (fields) => {
    await client.upload(Number(fields.get("size")));
    say("Uploaded");
    await list();
});

one("#version").textContent = await client.version();
