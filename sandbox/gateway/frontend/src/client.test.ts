import { Client } from "./client.js";

/** A backend that answers what it is told, and notes what it is asked. */
function backend(answers: Readonly<Record<string, unknown>>, ok = true) {
    const asked: string[] = [];
    const client = new Client((path, init) => {
        const request = `${init?.method ?? "GET"} ${path}`;
        asked.push(request);
        const found = Object.entries(answers).find(([beginning]) => request.startsWith(beginning));
        return Promise.resolve({ ok, json: () => Promise.resolve(found?.[1] ?? {}) });
    });
    return { client, asked };
}

it("signs in and lists uploads", async () => {
    const { client, asked } = backend({
        "POST /api/v1/auth/login": { access_token: "t" },
        "GET /api/v1/uploads": [],
    });
    await client.signIn("ada", "word");
    expect(await client.uploads()).toEqual([]);
    expect(asked).toEqual(["POST /api/v1/auth/login", "GET /api/v1/uploads"]);
});

it("sends each chunk, then completes the upload", async () => {
    const { client, asked } = backend({
        "POST /api/v1/uploads/7/complete": { complete: true },
        "POST /api/v1/uploads": { id: "7" },
    });
    expect((await client.upload(70_000)).complete).toBe(true);
    expect(asked.slice(1)).toEqual([
        "PUT /api/v1/uploads/7/chunks/0",
        "PUT /api/v1/uploads/7/chunks/1",
        "POST /api/v1/uploads/7/complete",
    ]);
});

it("says what the backend says when it refuses", async () => {
    const { client } = backend({ GET: { detail: "Sign in first." } }, false);
    await expect(client.version()).rejects.toThrow("Sign in first.");
});

it("tells the version", async () => {
    const { client } = backend({ GET: { version: "1.2.3" } });
    expect(await client.version()).toBe("1.2.3");
});
