import eslint from "@eslint/js";
import security from "eslint-plugin-security";
import typescript from "typescript-eslint";

export default typescript.config(
    { ignores: ["coverage", "dist", "playwright-report", "test-results"] },
    eslint.configs.recommended,
    typescript.configs.strict,
    security.configs.recommended,
    {
        files: ["**/*.mjs"],
        languageOptions: { globals: { fetch: "readonly", process: "readonly", URL: "readonly" } },
    },
);
