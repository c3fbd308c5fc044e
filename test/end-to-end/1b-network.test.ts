import * as assert from "node:assert/strict";
import { wrongIn } from "./network";

describe("The network of staging", () => {
    it("should let pass what the table says, and nothing else", async () => {
        assert.deepEqual(await wrongIn("staging"), []);
    });
});
