import * as assert from "node:assert/strict";
import { currentVersion, readVersions, writtenVersions } from "../../../delivery/core/secret-versions";

describe("Versions of the secret store", () => {
    it("should be the same text in any order", () => {
        assert.equal(writtenVersions({ b: "2", a: "1" }), '{"a":"1","b":"2"}');
        assert.equal(writtenVersions({ a: "1", b: "2" }), writtenVersions({ b: "2", a: "1" }));
        assert.deepEqual(readVersions(writtenVersions({ b: "2", a: "1" })), { a: "1", b: "2" });
    });

    for (const text of [undefined, "", "{", "null", "[]", '"a"', '{"a":1}', '{"a":null}'])
        it(`should not be read from ${text ?? "a Secret without the annotation"}`, () => {
            assert.equal(readVersions(text), undefined);
        });

    it("should have one that is current, whatever others there are", () => {
        const version = (versionId: string, ...versionStages: string[]) => ({ versionId, versionStages });
        assert.equal(
            currentVersion([
                version("old"),
                version("previous", "AWSPREVIOUS"),
                version("current", "AWSPENDING", "AWSCURRENT"),
                version("pending", "AWSPENDING"),
            ]),
            "current",
        );
        assert.equal(currentVersion([version("a", "AWSPENDING"), version("b", "AWSPREVIOUS")]), undefined);
        assert.equal(currentVersion([]), undefined);
    });
});
